import { fileURLToPath } from 'node:url';
import { answerOf, environmentOf, notesOf } from '../embedded/parts/application.ts';
import type { Part } from '../embedded/parts/part.ts';
import { HOST } from '../embedded/ports.ts';
import type { LaunchSpec, StackState } from '../embedded/state.ts';
import { postgresUrl, urlOf } from '../embedded/urls.ts';
import type { AppProcess } from '../stack.ts';
import { type Checkout, readCheckout } from './checkout.ts';
import { nodeFor } from './node.ts';

/** A real web takes 5 to 15 s on a machine that has nothing else to do. */
const START_TIMEOUT_MS = 180_000;

/** The web process of a checkout; each start sees first whether there is a migration left to apply (start-web.ts). */
export const sourceWebPart: Part = {
  name: 'web',
  tcp: ['web'],
  udp: [],
  stopSignal: 'SIGTERM',
  startTimeoutMs: START_TIMEOUT_MS,
  launch: async (folder, state) => launch('web', folder, state),
  probe: (_folder, state) => answerOf(`${urlOf(state.ports.web)}/api/public/health`),
};

/** The worker process of a checkout. */
export const sourceWorkerPart: Part = {
  name: 'worker',
  tcp: ['worker'],
  udp: [],
  stopSignal: 'SIGTERM',
  startTimeoutMs: START_TIMEOUT_MS,
  launch: async (folder, state) => launch('worker', folder, state),
  probe: (_folder, state) => answerOf(`${urlOf(state.ports.worker)}/api/health`),
};

function launch(process: AppProcess, folder: string, state: StackState): LaunchSpec {
  const checkout = checkoutOf(state);
  const node = nodeFor(checkout).path;
  return {
    ...(process === 'web'
      ? { command: OWN_NODE, args: [START_WEB, ...migrationsOf(checkout), node, ...checkout.webArgs] }
      : { command: node, args: checkout.workerArgs }),
    env: {
      NEXT_TELEMETRY_DISABLED: '1',
      ...environmentOf(process, state),
      ...(checkout.hasPrismaEngine ? { DATABASE_URL: addressOfPostgres(process, state) } : {}),
      ...notesOf(process, folder),
    },
  };
}

const OWN_NODE = process.execPath;
const START_WEB = fileURLToPath(new URL('./start-web.ts', import.meta.url));
const migrationsOf = ({ postgresMigrations, clickhouseMigrations }: Checkout) => [
  postgresMigrations,
  clickhouseMigrations,
];

/** Through the link, but by address: Prisma's engine does not ask our DNS server. */
function addressOfPostgres(process: AppProcess, { ports, secrets }: StackState): string {
  return postgresUrl(HOST, ports[`${process}→postgres`], secrets.postgresPassword);
}

/** The checkout that a stack's application comes from. @throws ChaosError `E_CHECKOUT` */
export function checkoutOf({ spec }: Pick<StackState, 'spec'>): Checkout {
  if (spec.kind !== 'source') throw new Error(`a stack of kind ${spec.kind} has no checkout`);
  return readCheckout(spec.directory);
}
