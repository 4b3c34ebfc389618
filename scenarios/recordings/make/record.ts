/** Makes a recording of the support bot: `node scenarios/recordings/make/record.ts FILE`. */
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
await using stack = await startEmbeddedStack({ onProgress: (text) => console.log(text) });
const { url, publicKey, secretKey } = stack.target;
await using recorder = await startRecorder({
  target: url,
  file,
  madeWith: 'support-bot.ts, npm langfuse 3.39.2, embedded stack',
  secrets: [publicKey, secretKey],
});
console.log('the bot is at work');
const bot = spawn(process.execPath, [fileURLToPath(new URL('./support-bot.ts', import.meta.url))], {
  stdio: 'inherit',
  env: {
    ...process.env,
    LANGFUSE_BASEURL: recorder.url,
    LANGFUSE_PUBLIC_KEY: publicKey,
    LANGFUSE_SECRET_KEY: secretKey,
  },
});
const [code] = (await once(bot, 'exit')) as [number | null];
await recorder.close();
console.log(`recorded ${recorder.recorded} requests; left out: ${JSON.stringify(recorder.leftOut)}`);
if (code !== 0) process.exitCode = 1;
