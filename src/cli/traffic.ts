import { randomInt } from 'node:crypto';
import { Command } from 'commander';
import { ChaosError } from '../base/errors.ts';
import { createRandom } from '../base/random.ts';
import { openHistoryWriter } from '../history/writer.ts';
import type { Target } from '../langfuse/access.ts';
import { sendTraffic } from '../traffic/open-loop.ts';
import { startRecorder } from '../traffic/recording/recorder.ts';
import { openTraffic } from '../traffic/traffic.ts';
import { findStack } from './find-stack.ts';
import { interruptSignal } from './interrupt.ts';
import { positive } from './option-values.ts';

/** `traffic record` and `traffic play` */
export function trafficCommand(): Command {
  return new Command('traffic')
    .description('record the requests of a real application, or play a recording')
    .addCommand(recordCommand())
    .addCommand(playCommand());
}

function recordCommand(): Command {
  return new Command('record')
    .description('pass requests on to a Langfuse and write them to a file, without secrets, until Ctrl-C')
    .requiredOption('--out <file>', 'the recording to make; it must not exist yet')
    .option('--target <url>', 'the Langfuse to pass requests on to; the running stack unless told')
    .option('--port <port>', 'port to listen on, on 127.0.0.1', positive)
    .addHelpText(
      'after',
      '\nExample:\n  langfuse-chaos traffic record --target http://127.0.0.1:3000 --out mine.jsonl',
    )
    .action(async (options: { out: string; target?: string; port?: number }) => {
      const target = options.target ?? (await findStack(undefined)).target.url;
      const signal = interruptSignal('ending the recording');
      await using recorder = await startRecorder({
        target,
        file: options.out,
        madeWith: 'langfuse-chaos traffic record',
        ...(options.port === undefined ? {} : { port: options.port }),
        onError: (error) => console.error(error),
      });
      console.log(
        `Point your application at ${recorder.url} instead of ${target}. Ctrl-C ends the recording.`,
      );
      await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
      await recorder.close();
      console.log(`Recorded ${recorder.recorded} requests in ${options.out}.`);
      for (const [reason, count] of Object.entries(recorder.leftOut))
        console.log(`Left out ${count}: ${reason}.`);
    });
}

interface PlayFlags {
  readonly stack?: string;
  readonly url?: string;
  readonly speed: number;
  readonly repeat: number;
  readonly seed?: string;
  readonly history?: string;
}

function playCommand(): Command {
  return new Command('play')
    .description('send the requests of a recording again, with ids and times of its own')
    .argument('<file>', 'a recording, or the name of one in scenarios/recordings/')
    .option('--stack <id>', 'the stack to send to; the only one that is running unless told')
    .option(
      '--url <url>',
      'another Langfuse to send to, with its keys in LANGFUSE_PUBLIC_KEY and LANGFUSE_SECRET_KEY',
    )
    .option('--speed <factor>', '2 plays it twice as fast', positive, 1)
    .option('--repeat <times>', 'how many times, one after another', positive, 1)
    .option('--seed <seed>', 'makes the same ids again')
    .option('--history <file>', 'also write what was sent and how it was answered')
    .addHelpText('after', '\nExample:\n  langfuse-chaos traffic play support-bot.jsonl --speed 4')
    .action(async (file: string, flags: PlayFlags) => {
      const target = await playTarget(flags);
      const signal = interruptSignal('ending the traffic');
      const seed = flags.seed ?? String(randomInt(1_000_000));
      const { speed, repeat } = flags;
      const traffic = openTraffic(
        { kind: 'recording', file, speed, repeat },
        createRandom(seed).fork('traffic'),
      );
      const history = flags.history
        ? openHistoryWriter(flags.history, { run: 'traffic-play', seed, projectId: target.projectId })
        : undefined;
      const summary = await sendTraffic(traffic.requests, target, history ?? UNRECORDED, { signal });
      history?.close();
      const { requests, events, acknowledged, refused, indeterminate } = summary;
      console.log(
        `Sent ${requests} requests with ${events} events (seed ${seed}): ${acknowledged} acknowledged, ${refused} refused, ${indeterminate} indeterminate.`,
      );
      signal.throwIfAborted();
    });
}

/** For whoever only wants the traffic. */
const UNRECORDED = { sent: () => 0, answered: () => {}, close: () => {} };

async function playTarget({
  stack,
  url,
}: PlayFlags): Promise<Pick<Target, 'url' | 'publicKey' | 'secretKey' | 'projectId'>> {
  if (!url) return (await findStack(stack)).target;
  const { LANGFUSE_PUBLIC_KEY: publicKey, LANGFUSE_SECRET_KEY: secretKey } = process.env;
  if (publicKey && secretKey) return { url, publicKey, secretKey, projectId: '' };
  throw new ChaosError({
    code: 'E_USAGE',
    happened: 'The keys of the Langfuse to send to are not known.',
    expected: 'LANGFUSE_PUBLIC_KEY and LANGFUSE_SECRET_KEY in the environment',
    remedy: 'set both and run again.',
  });
}
