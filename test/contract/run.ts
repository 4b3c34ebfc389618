import { spawn } from 'node:child_process';
import { resolve } from 'node:path';
import { DEFAULT_SPEC, parseSpec, specText } from '../../src/stack/spec.ts';

/*
 * `npm run contract -- --stack source:DIR [--set NAME=VALUE …] [files of this folder, options of vitest]`: the contract suite against any stack.
 * Without `--stack` it runs against the reference pipeline, as `npm test` does. `--set` adds to the environment of web and worker.
 * At its end it lists which statements are not about the version that was up, and why (`support/summary.ts`).
 */

const words = process.argv.slice(2);
/** Takes an option and its value out of the words. */
function take(name: string): string | undefined {
  const at = words.indexOf(name);
  return at < 0 ? undefined : words.splice(at, 2)[1];
}
const spec = specText(parseSpec(take('--stack') ?? 'embedded', (path) => resolve(path)));
const settings: string[] = [];
for (let setting = take('--set'); setting !== undefined; setting = take('--set')) settings.push(setting);
// A word that is neither an option nor the value of one names files.
const files = words.filter((word, at) => !word.startsWith('-') && !words[at - 1]?.startsWith('-'));
const options = words.filter((word) => !files.includes(word));
const inFolder = (files.length > 0 ? files : ['']).map((file) => `test/contract/${file}`);
console.info(`The contract suite against ${[spec, ...settings].join(' ')}`);

const child = spawn(
  process.execPath,
  [
    'node_modules/vitest/vitest.mjs',
    'run',
    ...['--project', 'end-to-end'],
    // A real Langfuse takes gigabytes, and minutes to start beside others.
    ...(spec === specText(DEFAULT_SPEC) ? [] : ['--maxWorkers', '1']),
    ...['--reporter', 'default', '--reporter', './test/contract/support/summary.ts'],
    ...inFolder,
    ...options,
  ],
  {
    stdio: 'inherit',
    env: {
      ...process.env,
      LANGFUSE_CHAOS_CONTRACT_STACK: spec,
      LANGFUSE_CHAOS_CONTRACT_SETTINGS: settings.join('\n'),
    },
  },
);
// vitest removes its stacks on a Ctrl-C, and ends; then so does this.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => child.kill(signal));
child.on('exit', (code) => {
  process.exitCode = code ?? 1;
});
