import { spawn } from 'node:child_process';

/** How much of a command's output is kept: its end, which is where the reason of a failure is. */
const KEPT_OUTPUT = 64 * 1024;

/** A command that could not be started, failed, or took too long; `output` is the end of what it printed. */
export class CommandError extends Error {
  constructor(message, output) {
    super(message);
    this.name = 'CommandError';
    this.output = output;
  }

  /** The message with the last lines of output. */
  get summary() {
    const lines = this.output.trim().split('\n').slice(-3).join(' | ').trim();
    return lines ? `${this.message}: ${lines}` : this.message;
  }
}

/**
 * Runs a command to its end and returns what it printed on both outputs.
 *
 * @param {string} command
 * @param {readonly string[]} args
 * @param {object} options
 * @param {string} [options.cwd]
 * @param {NodeJS.ProcessEnv} [options.env]
 * @param {number} options.timeoutMs after that many milliseconds the command and what it started are ended
 * @param {AbortSignal} [options.signal] ends the command likewise
 * @param {(line: string) => void} [options.onLine] sees each line as it is printed
 * @param {(pid: number) => void} [options.onStart] is told the process group
 * @param {boolean} [options.terminal] leave it the terminal, so that it can ask (a password); it then stays in our
 *   process group and only the command itself is ended
 * @returns {Promise<string>}
 * @throws {CommandError}
 */
export function runCommand(command, args, options) {
  options.signal?.throwIfAborted();
  const name = [command.split('/').pop(), ...args.slice(0, 2)].join(' ');
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      cwd: options.cwd,
      env: options.env ?? process.env,
      stdio: [options.terminal ? 'inherit' : 'ignore', 'pipe', 'pipe'],
      // A group of its own: all that it starts can be ended with it.
      detached: !options.terminal,
    });
    let output = '';
    let partial = '';
    let stopped;
    const collect = (chunk) => {
      output = (output + chunk).slice(-KEPT_OUTPUT);
      if (!options.onLine) return;
      const lines = (partial + chunk).split('\n');
      partial = lines.pop() ?? '';
      for (const line of lines) options.onLine(line);
    };
    child.stdout.setEncoding('utf8').on('data', collect);
    child.stderr.setEncoding('utf8').on('data', collect);
    const kill = (signal) => {
      try {
        process.kill(options.terminal ? child.pid : -child.pid, signal);
      } catch {
        // It has ended meanwhile.
      }
    };
    let lastWord;
    const stop = (error) => {
      if (stopped || child.pid === undefined) return;
      stopped = error;
      kill('SIGTERM');
      lastWord = setTimeout(() => kill('SIGKILL'), 3_000);
    };
    const timer = setTimeout(
      () => stop(new CommandError(`${name} took more than ${options.timeoutMs / 1000} s`, output)),
      options.timeoutMs,
    );
    const onAbort = () => stop(options.signal.reason);
    options.signal?.addEventListener('abort', onAbort, { once: true });
    if (child.pid !== undefined) options.onStart?.(child.pid);
    const settle = () => {
      clearTimeout(timer);
      clearTimeout(lastWord);
      options.signal?.removeEventListener('abort', onAbort);
    };
    child.on('error', (error) => {
      settle();
      reject(new CommandError(`${name} could not be started (${error.code ?? error.message})`, ''));
    });
    child.on('close', (code, signal) => {
      settle();
      if (stopped) reject(stopped);
      else if (code === 0) resolve(output);
      else reject(new CommandError(`${name} ended with ${signal ?? `exit code ${code}`}`, output));
    });
  });
}
