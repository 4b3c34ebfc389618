import { spawn } from 'node:child_process';
import { systemClock } from '../../base/clock.ts';
import { ChaosError } from '../../base/errors.ts';
import { type LogExcerpt, logExcerpt } from '../../base/log-excerpt.ts';
import { waitUntil } from '../../base/wait-until.ts';
import { identify, type ProcessIdentity } from '../processes.ts';
import type { ComponentControl } from '../stack.ts';
import { notHere } from './not-here.ts';
import type { Hooked, Hooks } from './schema.ts';
import type { HookedState } from './state.ts';

/** Milliseconds that a command may take, and the component afterwards to be seen as it was told to be; unless the file says otherwise. */
const DEFAULT_TIMEOUT_MS = 60_000;
/** Milliseconds between two looks at a component. */
export const LOOK_INTERVAL_MS = 200;
/** Characters of what `state` printed that an error quotes. */
const LONGEST_QUOTE = 80;

const STATES: readonly HookedState[] = ['running', 'paused', 'exited'];

/** Where it is noted what commands change: they outlive this process when it is killed, and others have to undo what they do. */
export interface ChangeNotes {
  /** Before a command that changes something is started. */
  begins(wanted: HookedState): void;
  /** Right after. */
  runs(wanted: HookedState, process: ProcessIdentity): void;
  /** The component is as it was to be, or won't be. */
  ends(): void;
}

/**
 * Hold of a component through the commands that its owner wrote. Each acts and then waits until the owner's own `state` says that it
 * is so. Its log is not there.
 *
 * @param secrets texts that an error must not show of a command's output
 */
export function hookControl(
  name: Hooked,
  hooks: Hooks | undefined,
  notes: ChangeNotes,
  secrets: readonly string[],
): ComponentControl {
  const timeoutMs = timeoutOf(hooks);
  let startedAt = 0;

  const run = async (
    hook: Exclude<keyof Hooks, 'timeout'>,
    env: Readonly<Record<string, string>> = {},
    onStart?: (process: ProcessIdentity) => void,
  ) => {
    const command = hooks?.[hook];
    if (!command)
      throw notHere(`command \`${hook}\` for ${name}`, `hooks.${name}.${hook} is not in its file`);
    return { hook, ...(await runCommand(command, timeoutMs, env, onStart)) };
  };
  const mustRun = async (...args: Parameters<typeof run>) => {
    const { hook, code, output } = await run(...args);
    if (code === 0) return output;
    throw hookError(
      `hooks.${name}.${hook} ${code === undefined ? `took longer than ${timeoutMs / 1000} s` : `ended with code ${code}`}`,
      logExcerpt(output, secrets),
    );
  };
  const state = async (): Promise<HookedState> => {
    const output = (await mustRun('state')).trim();
    const found = STATES.find((each) => each === output);
    if (found) return found;
    const log = logExcerpt(output, secrets);
    const printed = log.length > 0 ? `"${cut(log.join(' '))}"` : 'nothing';
    throw hookError(
      `hooks.${name}.state printed ${printed}, which is none of the words ${STATES.join(', ')}`,
      log,
    );
  };
  const until = (wanted: HookedState) =>
    waitUntil(
      `${name} to be ${wanted}, as hooks.${name}.state says`,
      async () => {
        const seen = await state();
        if (seen !== wanted) throw new Error(`it is ${seen}`);
        return true;
      },
      {
        timeoutMs,
        intervalMs: LOOK_INTERVAL_MS,
        remedy: 'see what the command did; `langfuse-chaos undo` undoes what is left.',
      },
    );
  const noting = async (
    wanted: HookedState,
    act: (onStart: (process: ProcessIdentity) => void) => Promise<void>,
  ) => {
    notes.begins(wanted);
    try {
      await act((process) => notes.runs(wanted, process));
    } finally {
      notes.ends();
    }
  };
  const change = async (
    hook: 'kill' | 'stop' | 'pause' | 'resume',
    wanted: HookedState,
    env: Readonly<Record<string, string>> = {},
  ) => {
    await noting(wanted, async (onStart) => {
      await mustRun(hook, env, onStart);
      await until(wanted);
    });
  };
  const answers = async () => (await run('healthy')).code === 0;
  const launch = async () => {
    await noting('running', async (onStart) => {
      startedAt = systemClock.now();
      await mustRun('start', {}, onStart);
    });
  };

  return {
    name,
    state,
    startedAt: async () => startedAt,
    launch,
    async start() {
      await launch();
      await waitUntil(`${name} to be healthy, as hooks.${name}.healthy says`, answers, {
        timeoutMs,
        intervalMs: LOOK_INTERVAL_MS,
        remedy: 'see what keeps it from starting; `langfuse-chaos undo` tries once more.',
      });
    },
    answers,
    stop: (graceMs = 10_000) =>
      change('stop', 'exited', { LANGFUSE_CHAOS_GRACE_SECONDS: String(graceMs / 1000) }),
    kill: () => change('kill', 'exited'),
    pause: () => change('pause', 'paused'),
    resume: () => change('resume', 'running'),
    log: async () => [],
    logSize: async () => 0,
  };
}

/** Milliseconds that a command of these may take, and its effect. */
export function timeoutOf(hooks: Hooks | undefined): number {
  return hooks?.timeout ?? DEFAULT_TIMEOUT_MS;
}

/** Ends a command with all that it has started. */
export function endGroup(pid: number): void {
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // Gone meanwhile.
  }
}

/** Runs a command by `sh -c` with this process's environment; `code` is absent when it took too long and was killed with all that it had started. */
function runCommand(
  command: string,
  timeoutMs: number,
  env: Readonly<Record<string, string>>,
  onStart?: (process: ProcessIdentity) => void,
): Promise<{ readonly code?: number; readonly output: string }> {
  const { promise, resolve } = Promise.withResolvers<{ code?: number; output: string }>();
  const child = spawn('/bin/sh', ['-c', command], {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    // A group of its own, so that what it has started can be killed with it.
    detached: true,
  });
  const started = child.pid === undefined ? undefined : identify(child.pid);
  if (started) onStart?.(started);
  let output = '';
  const end = (result: { code?: number }) => {
    clearTimeout(timer);
    // What it left in the background may hold them open for ever.
    child.stdout.destroy();
    child.stderr.destroy();
    resolve({ ...result, output });
  };
  const timer = setTimeout(() => {
    if (child.pid !== undefined) endGroup(child.pid);
    end({});
  }, timeoutMs);
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk) => {
      output += String(chunk);
    });
  child.on('error', () => end({ code: 127 }));
  child.on('exit', (code) => setImmediate(() => end({ code: code ?? 1 })));
  return promise;
}

/** What a command printed, short enough for the middle of a sentence. */
function cut(text: string): string {
  return text.length > LONGEST_QUOTE ? `${text.slice(0, LONGEST_QUOTE)}…` : text;
}

function hookError(what: string, log: LogExcerpt): ChaosError {
  return new ChaosError({
    code: 'E_EXTERNAL_HOOK',
    happened: `${what}.`,
    expected: `exit code 0 in time; of \`state\` one of the words ${STATES.join(', ')} on standard output, and nothing else`,
    log,
    remedy: 'try the command by hand in the same environment and correct it.',
  });
}
