import { z } from 'zod';
import { withoutSecrets } from '../../base/secret-settings.ts';
import { type AppProcess, DEPENDENCIES, type Link, type Stack } from '../../stack/stack.ts';
import type { Fault } from '../fault.ts';
import { appProcessSchema } from '../parameters.ts';
import { setProxyEnabled } from '../proxy.ts';
import { answersAgain, graceSchema, startIfEnded } from './life.ts';

const schema = z.strictObject({
  on: appProcessSchema,
  without: z.enum(DEPENDENCIES).describe('the dependency that is away while it starts'),
  graceSeconds: graceSchema,
});

/** Characters of a log line that are quoted. */
const LINE_LENGTH = 200;

/**
 * A process is started while one of its dependencies is away (its link refuses connections), as after a power cut or when everything
 * is deployed at once. Langfuse's web ends when its migrations fail, its worker waits.
 */
export const startedWithout: Fault<z.infer<typeof schema>> = {
  name: 'started-without',
  group: 'process',
  summary:
    'The process is stopped (SIGTERM, after the grace SIGKILL) and started while its link to the dependency refuses connections; recovering gives the link back and starts the process if it has ended.',
  feltWhen:
    'the process that was started since has come up and answers, or has ended; its last log line is quoted',
  healedWhen: 'the process answers',
  schema,
  async inject({ on, without, graceSeconds }, stack) {
    const component = stack.component(on);
    await component.stop(graceSeconds * 1000);
    await setProxyEnabled(stack, linkOf(on, without), false);
    await component.launch();
  },
  async felt({ on, without }, stack, since) {
    const component = stack.component(on);
    if ((await component.startedAt()) < since) return undefined;
    const started = `the ${on} was started without ${without}`;
    if ((await component.state()) === 'exited') {
      return `${started} and ended, with the last words "${await lastWords(stack, on)}"`;
    }
    return (await component.answers()) ? `${started} and came up` : undefined;
  },
  async recover({ on, without }, stack) {
    await setProxyEnabled(stack, linkOf(on, without), true);
    await startIfEnded(stack, on);
  },
  healed: ({ on }, stack) => answersAgain(stack, on),
};

const linkOf = (on: AppProcess, without: (typeof DEPENDENCIES)[number]): Link => `${on}→${without}`;

/** The message of a process's last log line, or the whole line if it is no JSON; without the stack's secrets. */
async function lastWords(stack: Stack, on: AppProcess): Promise<string> {
  const [line = ''] = await stack.component(on).log(1);
  let words = line;
  try {
    words = (JSON.parse(line) as { msg?: string }).msg ?? line;
  } catch {}
  return withoutSecrets(words, stack.secrets).slice(0, LINE_LENGTH);
}
