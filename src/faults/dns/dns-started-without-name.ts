import { z } from 'zod';
import { ChaosError } from '../../base/errors.ts';
import { withoutSecrets } from '../../base/secret-settings.ts';
import type { Fault } from '../fault.ts';
import { startIfEnded } from '../process/life.ts';
import { resolvesAgain } from './resolves.ts';
import { namedLinkSchema, nameOf } from './zone-fault.ts';

const schema = z.strictObject({
  on: namedLinkSchema,
  kind: z
    .enum(['nxdomain', 'servfail', 'silent'])
    .default('nxdomain')
    .describe('what the process is told of the name: nxdomain, servfail or silent; nxdomain by default'),
});

/** Lines of the log that are looked through for what was last said, from its end. */
const LINES = 200;
/** Characters of it that are told. */
const TEXT_LENGTH = 200;

/**
 * A process is started while a name does not resolve for it. What then happens is its own affair: Langfuse's web ends when its
 * migrations can't reach ClickHouse or Postgres, its worker waits. Recovering gives the name back, and starts the process again if it
 * has ended, as what runs containers would.
 */
export const dnsStartedWithoutName: Fault<z.infer<typeof schema>> = {
  name: 'dns-started-without-name',
  group: 'dns',
  summary:
    'The process is killed and started again while the host name of the link does not resolve for it; recovering gives the name back, and starts the process again if it has ended.',
  feltWhen: 'the process asked for the name since its start',
  healedWhen: "the process answers and the name resolves again in the process's view",
  schema,
  async inject({ on, kind }, stack) {
    const { from, name } = nameOf(on, stack);
    const component = stack.component(from);
    await component.kill();
    await stack.dns.setFault(from, name, { kind });
    try {
      await component.start();
    } catch (error) {
      // That it ends, or never answers, is what is to be seen.
      if (!(error instanceof ChaosError && error.code === 'E_STACK_START')) throw error;
    }
  },
  async felt({ on, kind }, stack, since) {
    const { from, name } = nameOf(on, stack);
    const component = stack.component(from);
    const asked = (await stack.dns.queries(since)).some(
      (query) => query.from === from && query.name === name && query.fault === kind,
    );
    if (!asked) return undefined;
    const met = `the ${from} asked for ${name}`;
    if ((await component.state()) === 'running') return `${met} and is up all the same`;
    const last = (await component.log(LINES)).map(readLine).findLast((line) => line !== undefined);
    if (!last) return `${met} and ended`;
    return `${met} and ended ${((last.at - since) / 1000).toFixed(1)} s after it was killed: ${withoutSecrets(last.text, stack.secrets).slice(0, TEXT_LENGTH)}`;
  },
  async recover({ on }, stack) {
    const { from, name } = nameOf(on, stack);
    await stack.dns.clearFault(from, name);
    await startIfEnded(stack, from);
  },
  async healed({ on }, stack) {
    const { from, name } = nameOf(on, stack);
    if (!(await stack.component(from).answers())) return undefined;
    return resolvesAgain(from, name, stack);
  },
};

const logLine = z.object({ time: z.iso.datetime(), msg: z.string() });

/** A line of a log as web and worker write it: JSON with a time and a message. */
function readLine(text: string): { at: number; text: string } | undefined {
  try {
    const { time, msg } = logLine.parse(JSON.parse(text));
    return { at: Date.parse(time), text: msg };
  } catch {
    return undefined;
  }
}
