import { type ChildProcess, spawn } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';
import { waitUntil } from '../src/base/wait-until.ts';

const ROOT = dirname(dirname(fileURLToPath(import.meta.url)));
/** Longer than two signals of a kind count as one (bin/signals.mjs), so that a second one would be seen. */
const SECOND_WOULD_BE_SEEN_MS = 1_200;

function folder(): string {
  const path = mkdtempSync(join(tmpdir(), 'launcher-test-'));
  onTestFinished(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

/** A process with what it printed so far and how it ended. */
interface Running {
  readonly child: ChildProcess;
  readonly output: () => string;
  readonly end: Promise<{ code: number | null; signal: string | null }>;
}

function start(script: string, ...args: string[]): Running {
  const child = spawn(process.execPath, [script, ...args], { stdio: ['ignore', 'pipe', 'inherit'] });
  onTestFinished(() => void child.kill('SIGKILL'));
  let output = '';
  child.stdout?.setEncoding('utf8').on('data', (text: string) => {
    output += text;
  });
  const end = new Promise<{ code: number | null; signal: string | null }>((resolve) => {
    child.on('close', (code, signal) => resolve({ code, signal }));
  });
  return { child, output: () => output, end };
}

/** A script that runs `body` in a child of its own, by the same means as the command does under another Node. */
function scriptWithChild(body: string): string {
  const path = join(folder(), 'script.mjs');
  const url = (name: string) => JSON.stringify(pathToFileURL(join(ROOT, 'bin', name)).href);
  writeFileSync(
    path,
    `import { isChild, runAsChild, stayWithParent } from ${url('child.mjs')};
import { passEachSignalOnce } from ${url('signals.mjs')};
import { fileURLToPath } from 'node:url';
if (!isChild()) await runAsChild(process.execPath, fileURLToPath(import.meta.url), process.argv.slice(2));
stayWithParent();
passEachSignalOnce();
${body}`,
  );
  return path;
}

/** Prints each signal that it sees, and ends some time after the first. */
const WAITS = `
const alive = setInterval(() => {}, 1000);
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => {
  console.log('saw ' + signal);
  setTimeout(() => { clearInterval(alive); process.exit(130); }, ${SECOND_WOULD_BE_SEEN_MS});
});
console.log('pid ' + process.pid);`;

const isRunning = (pid: number) => {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
};

async function pidOf({ output }: Running): Promise<number> {
  const pid = () => /pid (\d+)/.exec(output())?.[1];
  const started = Number(await waitUntil('the child to start', pid, { timeoutMs: 10_000 }));
  onTestFinished(() => {
    if (isRunning(started)) process.kill(started, 'SIGKILL');
  });
  return started;
}

test('arguments and exit code pass through, and the environment does not change for what the child starts', async () => {
  const script = scriptWithChild(
    'console.log(JSON.stringify([process.argv.slice(2), process.env.LANGFUSE_CHAOS_CHILD])); process.exitCode = 3;',
  );
  const running = start(script, 'run', '--seed', '7');
  expect(await running.end).toEqual({ code: 3, signal: null });
  expect(running.output()).toBe('[["run","--seed","7"],null]\n');
});

test('a child that a signal ended ends the parent by the same signal', async () => {
  const running = start(scriptWithChild("process.kill(process.pid, 'SIGKILL')"));
  expect(await running.end).toEqual({ code: null, signal: 'SIGKILL' });
});

test('Ctrl-C, which the terminal sends to both, reaches the child once', async () => {
  const running = start(scriptWithChild(WAITS));
  const pid = await pidOf(running);
  for (const target of [pid, running.child.pid]) process.kill(Number(target), 'SIGINT');
  expect(await running.end).toEqual({ code: 130, signal: null });
  expect(running.output().match(/saw/g)).toEqual(['saw']);
});

test('after kill -9 of the parent the child ends in order', async () => {
  const running = start(scriptWithChild(WAITS));
  const pid = await pidOf(running);
  running.child.kill('SIGKILL');
  await waitUntil('the child to end', () => !isRunning(pid), { timeoutMs: 10_000 });
  expect(running.output()).toContain('saw SIGTERM');
});

test('in a checkout that is set up, the command runs at once under the right Node', async () => {
  const root = folder();
  for (const name of ['bin', 'setup']) cpSync(join(ROOT, name), join(root, name), { recursive: true });
  mkdirSync(join(root, 'node_modules'));
  symlinkSync(join(ROOT, 'node_modules', 'node'), join(root, 'node_modules', 'node'));
  for (const name of ['package-lock.json', 'node_modules/.package-lock.json']) {
    writeFileSync(join(root, name), JSON.stringify({ packages: {} }));
  }
  writeFileSync(join(root, 'package.json'), JSON.stringify({ type: 'module' }));
  const { writeStamp } = (await import(pathToFileURL(join(root, 'setup', 'modules.mjs')).href)) as {
    writeStamp: (root: string) => Promise<void>;
  };
  await writeStamp(root);
  mkdirSync(join(root, 'src', 'cli'), { recursive: true });
  writeFileSync(
    join(root, 'src', 'cli', 'main.ts'),
    'const version: string = process.version;\nconsole.log(version, process.argv.slice(2).join());\nprocess.exitCode = 2;\n',
  );
  const running = start(join(root, 'bin', 'langfuse-chaos.mjs'), 'list', '--json');
  expect(await running.end).toEqual({ code: 2, signal: null });
  expect(running.output()).toMatch(/^v24\.\S+ list,--json\n$/);
});
