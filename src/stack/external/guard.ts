import type { FaultSpec } from '../../scenario/scenario.ts';
import type { Capability } from '../capabilities.ts';
import type { TargetGuard } from '../guard.ts';
import type { Link } from '../stack.ts';
import { targetError } from './check.ts';
import { reach } from './environment.ts';
import { whyNotAllowed } from './lacks.ts';
import { notHere } from './not-here.ts';
import { type ExternalState, noteTouched } from './state.ts';
import { allProxies, endedBytes, whyNotFree } from './toxiproxy.ts';
import { Witness } from './witness.ts';

/** What a run on an external target has to keep to, and what it can know of it. */
export function guardOf(folder: string, { target, proxies, spec }: ExternalState): TargetGuard {
  const url = target.toxiproxy?.url ?? '';
  const witness = new Witness({
    target: reach(target, process.env).target,
    knowsWorker: target.worker !== undefined,
    redisPort: new URL(target.redis.url).port || '6379',
    endedBytes: async (link) => {
      const proxy = proxies[link];
      return proxy && endedBytes(url, proxy.name);
    },
  });
  const { errorRate, queueLength, time } = target.abort;
  return {
    mayRecover: target.allow.recovery,
    abort: {
      ...(errorRate ? { errorRate } : {}),
      ...(queueLength ? { queueLength } : {}),
      ...(time ? { time } : {}),
    },
    async beforeFault({ name, on }: FaultSpec, needs: Capability) {
      const lack = whyNotAllowed(target, needs, on, name);
      if (lack !== undefined) throw notHere(`fault ${name} on ${on}`, lack);
      if (spec.kind !== 'external' || !spec.faultsConfirmed)
        throw notHere(`fault ${name} on ${on}`, 'nobody has agreed to it');
      const link = on as Link;
      const proxy = proxies[link];
      if (needs !== 'link' || !proxy) return;
      const problem = whyNotFree((await allProxies(url))[proxy.name], proxy.name, link);
      if (problem !== undefined) throw targetError(`${problem}: somebody else is at work there.`);
      await witness.before(link);
      noteTouched(folder, link);
    },
    watchJobs: (jobs) => witness.watchJobs(jobs),
    answered: (answer) => witness.answered(answer),
    met: (link) => witness.met(link),
  };
}
