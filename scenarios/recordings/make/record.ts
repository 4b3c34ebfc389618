/**
 * Makes a recording of the support bot: `node scenarios/recordings/make/record.ts FILE`, or with `--otel` after it of the one that sends
 * spans over OTLP.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { startEmbeddedStack } from '../../../src/stack/embedded/start.ts';
import { startRecorder } from '../../../src/traffic/recording/recorder.ts';

const file = process.argv[2];
if (!file) {
  console.error('Give the file to make: node scenarios/recordings/make/record.ts FILE');
  process.exit(2);
}
const bot =
  process.argv[3] === '--otel'
    ? {
        program: './support-bot-otel.ts',
        madeWith: 'support-bot-otel.ts, npm @langfuse/tracing and @langfuse/otel 5.11.1, embedded stack',
      }
    : { program: './support-bot.ts', madeWith: 'support-bot.ts, npm langfuse 3.39.2, embedded stack' };
await using stack = await startEmbeddedStack({ onProgress: (text) => console.log(text) });
const { url, publicKey, secretKey } = stack.target;
await using recorder = await startRecorder({
  target: url,
  file,
  madeWith: bot.madeWith,
  secrets: [publicKey, secretKey],
});
console.log('the bot is at work');
const working = spawn(process.execPath, [fileURLToPath(new URL(bot.program, import.meta.url))], {
  stdio: 'inherit',
  env: {
    ...process.env,
    LANGFUSE_BASEURL: recorder.url,
    LANGFUSE_BASE_URL: recorder.url,
    LANGFUSE_PUBLIC_KEY: publicKey,
    LANGFUSE_SECRET_KEY: secretKey,
  },
});
const [code] = (await once(working, 'exit')) as [number | null];
await recorder.close();
console.log(`recorded ${recorder.recorded} requests; left out: ${JSON.stringify(recorder.leftOut)}`);
if (code !== 0) process.exitCode = 1;
