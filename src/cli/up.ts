import { once } from 'node:events';
import { Command } from 'commander';
import { detachStack } from '../stack/remove.ts';
import { LINKS, type Stack } from '../stack/stack.ts';
import { startStack } from '../stack/stacks.ts';
import { cleanUp } from './clean-up.ts';
import { Interrupted } from './exit-codes.ts';
import { interruptSignal } from './interrupt.ts';
import { addStackOptions, type StackFlags, specOf } from './stack-options.ts';

/** `up` */
export function upCommand(): Command {
  return addStackOptions(new Command('up'), true)
    .description('start a stack, print how to reach each part, and keep it until Ctrl-C')
    .option('-d, --detach', 'leave it running in the background; `langfuse-chaos down` ends it')
    .option('--json', 'print how to reach each part as JSON')
    .addHelpText(
      'after',
      '\nExamples:\n  langfuse-chaos up\n  langfuse-chaos up --detach && langfuse-chaos recover --dry-run && langfuse-chaos down',
    )
    .action(async (options: StackFlags & { detach?: boolean; json?: boolean }) => {
      const spec = specOf(options);
      const signal = interruptSignal();
      await cleanUp();
      const stack = await startStack({
        byHand: true,
        spec,
        signal,
        onProgress: (text) => console.error(text),
      });
      console.log(options.json ? JSON.stringify(describe(stack), null, 2) : renderAccess(stack));
      if (options.detach) {
        detachStack(stack.folder);
        console.error(`The stack ${stack.id} goes on running; end it with \`langfuse-chaos down\`.`);
        return;
      }
      console.error('Ctrl-C ends the stack.');
      // Nothing else keeps the process alive: the stack's parts are processes of their own.
      const alive = setInterval(() => {}, 60_000);
      try {
        if (!signal.aborted) await once(signal, 'abort');
        if (!(signal.reason instanceof Interrupted)) throw signal.reason;
      } finally {
        clearInterval(alive);
        await stack[Symbol.asyncDispose]();
      }
    });
}

function describe(stack: Stack) {
  const { id, folder, target, access, toxiproxyUrl, versions } = stack;
  return { id, folder, target, access, toxiproxyUrl, proxies: LINKS, versions };
}

/** How to reach each part, a line each: all that the file of an external target asks for, too. */
export function renderAccess({
  id,
  folder,
  target,
  access,
  toxiproxyUrl,
}: Pick<Stack, 'id' | 'folder' | 'target' | 'access' | 'toxiproxyUrl'>): string {
  const rows = [
    ['stack', id],
    ['web', target.url],
    ['worker', target.workerUrl],
    ['project', target.projectId],
    ['LANGFUSE_BASEURL', target.url],
    ['LANGFUSE_PUBLIC_KEY', target.publicKey],
    ['LANGFUSE_SECRET_KEY', target.secretKey],
    [
      'ClickHouse',
      `${access.clickhouse.url} database ${access.clickhouse.database} user ${access.clickhouse.username} password ${access.clickhouse.password}`,
    ],
    ['Redis', access.redis.url],
    ['Postgres', access.postgres.url],
    [
      'S3',
      `${access.s3.endpoint} region ${access.s3.region} bucket ${access.s3.bucket} prefix ${access.s3.prefix || '(none)'} key ${access.s3.accessKeyId} secret ${access.s3.secretAccessKey}`,
    ],
    ['Toxiproxy', toxiproxyUrl],
    ['its proxies', LINKS.join(' ')],
    ['folder', folder],
  ] as const;
  return rows.map(([name, value]) => `${name.padEnd(20)} ${value}`).join('\n');
}
