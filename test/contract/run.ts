import { spawn } from 'node:child_process';
import { resolve } from 'node:path';
import { parseSpec, specText } from '../../src/stack/spec.ts';

/*
 * `npm run contract -- --stack source:DIR [files and options of vitest]`: the contract suite against any stack. Without `--stack` it
 * runs against the reference pipeline, as `npm test` does.
 */

const words = process.argv.slice(2);
const at = words.indexOf('--stack');
const stack = at < 0 ? 'embedded' : (words[at + 1] ?? '');
const passedOn = at < 0 ? words : words.toSpliced(at, 2);
const spec = specText(parseSpec(stack, (path) => resolve(path)));
console.info(`The contract suite against ${spec}`);

const child = spawn(
  process.execPath,
  ['node_modules/vitest/vitest.mjs', 'run', '--project', 'end-to-end', '--dir', 'test/contract', ...passedOn],
  { stdio: 'inherit', env: { ...process.env, LANGFUSE_CHAOS_CONTRACT_STACK: spec } },
);
// vitest removes its stacks on a Ctrl-C, and ends; then so does this.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => child.kill(signal));
child.on('exit', (code) => {
  process.exitCode = code ?? 1;
});
