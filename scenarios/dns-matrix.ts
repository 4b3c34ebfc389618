import type { Expectation, FaultSpec, ProbedFault, Scenario } from '../src/scenario/scenario.ts';

const DEPENDENCIES = ['clickhouse', 's3', 'redis', 'postgres'] as const;
type Dependency = (typeof DEPENDENCIES)[number];
const NAMES: Record<Dependency, string> = {
  clickhouse: 'ClickHouse',
  s3: 'S3',
  redis: 'Redis',
  postgres: 'Postgres',
};

/** The kinds of failure of one name, and what it is called in the table. */
const KINDS: readonly (readonly [string, Omit<FaultSpec, 'on'>])[] = [
  ['NXDOMAIN', { name: 'name-gone' }],
  ['SERVFAIL', { name: 'dns-servfail' }],
  ['REFUSED', { name: 'dns-refused' }],
  ['no record', { name: 'dns-empty' }],
  ['AAAA only', { name: 'dns-aaaa-only' }],
  ['host gone', { name: 'dns-address-gone' }],
  ['flapping', { name: 'dns-flapping', periodMs: 1000 }],
  ['slow', { name: 'dns-slow', delayMs: 500 }],
  ['no answer', { name: 'dns-black-hole' }],
];

/** The kinds at the start of a process, which resolves each name anew; for the worker the first alone, since it waits in any case. */
const AT_START = [
  ['NXDOMAIN', 'nxdomain'],
  ['SERVFAIL', 'servfail'],
  ['no answer', 'silent'],
] as const;

const label = (from: 'web' | 'worker', dependency: Dependency, kind: string) =>
  `${from}: ${NAMES[dependency]}: ${kind}`;
const startLabel = (from: 'web' | 'worker', dependency: Dependency, kind: string) =>
  `${from} started: ${NAMES[dependency]}: ${kind}`;

/** Every kind of every name, then the resolver as a whole, then the same at the start, for one process. */
function facedBy(from: 'web' | 'worker'): ProbedFault[] {
  const running = DEPENDENCIES.flatMap((to) =>
    KINDS.map(([kind, fault]) => ({
      fault: { ...fault, on: `${from}→${to}` } as FaultSpec,
      probe: label(from, to, kind),
    })),
  );
  const resolver = [
    { fault: { name: 'dns-udp-only', on: `${from}→dns` }, probe: `${from}: resolver: UDP only` },
    { fault: { name: 'resolver-away', on: `${from}→dns` }, probe: `${from}: resolver: away` },
  ];
  const starting = DEPENDENCIES.flatMap((to) =>
    AT_START.slice(0, from === 'web' ? AT_START.length : 1).map(([kind, told]) => ({
      fault: { name: 'dns-started-without-name', on: `${from}→${to}`, kind: told },
      probe: startLabel(from, to, kind),
    })),
  );
  return [...running, ...resolver, ...starting];
}

/** What an endpoint answers: its status, and a text of the answer where there is one. */
type Answer = readonly [status: number | undefined, body?: string];

interface Row {
  readonly ingestion: Answer;
  readonly otel: Answer;
  readonly scores: Answer;
  readonly reads: Answer;
}

const BLOB = 'Failed to upload events to blob storage, aborting event processing';
const STREAM = "Stream isn't writeable and enableOfflineQueue options is false";

/** As seen on a real Langfuse v3.36.0 while a name did not exist for its web process. */
const NAME_GONE: Record<Dependency, Row> = {
  clickhouse: {
    ingestion: [207],
    otel: [207],
    scores: [200],
    reads: [500, 'getaddrinfo ENOTFOUND clickhouse'],
  },
  s3: {
    ingestion: [500, `"errors":["${BLOB}"]`],
    otel: [500, `"error":"${BLOB}"`],
    scores: [500, BLOB],
    reads: [200],
  },
  redis: {
    ingestion: [500, `"errors":["${STREAM}"]`],
    otel: [500, `"error":"${STREAM}"`],
    scores: [500, STREAM],
    reads: [200],
  },
  postgres: {
    ingestion: [500, '{"error":"Internal Server Error"}'],
    otel: [500, 'An unknown error occurred'],
    scores: [500, 'An unknown error occurred'],
    reads: [500, 'An unknown error occurred'],
  },
};

/**
 * That an endpoint takes a request, or is well, is a `must`. An error is a weakness that is shown: a better target says 503, and texts
 * differ between versions (v3.63.1 took them out of the ingestion's answers). So does the status of OTLP, 207 below v3.38.0 and 200 from there on.
 */
function answers(probe: string, endpoint: string, [status, body]: Answer): Expectation {
  const isWell = (status === 200 || status === 207) && endpoint !== WRITES.otel;
  return {
    kind: isWell ? 'must' : 'shows',
    text: `${probe}: ${endpoint}: ${[status, body].filter((part) => part !== undefined).join(' ')}`,
    about: 'probe',
    label: probe,
    endpoint,
    ...(status === undefined ? {} : { status }),
    ...(body === undefined ? {} : { body }),
  };
}

const WRITES = {
  ingestion: 'POST /api/public/ingestion',
  otel: 'POST /api/public/otel/v1/traces',
  scores: 'POST /api/public/scores',
} as const;

/** The table of a real Langfuse, cell by cell. */
function asSeen(dependency: Dependency): Expectation[] {
  const probe = label('web', dependency, 'NXDOMAIN');
  const row = NAME_GONE[dependency];
  return [
    answers(probe, WRITES.ingestion, row.ingestion),
    answers(probe, WRITES.otel, row.otel),
    answers(probe, WRITES.scores, row.scores),
    answers(probe, 'GET /api/public/traces', row.reads),
    answers(probe, 'GET /api/public/scores', row.reads),
    answers(probe, 'GET /api/public/health', [200]),
    answers(probe, 'GET /api/public/ready', [200]),
  ];
}

/** What a real worker did while a name did not exist for it: its health, and whether jobs went on. */
const WORKER_NAME_GONE: Record<Dependency, readonly [health: number, jobs: string]> = {
  clickhouse: [200, 'held up'],
  s3: [200, 'held up'],
  redis: [500, 'held up'],
  // Only generations ask Postgres; the event that is sent is none.
  postgres: [500, 'went on'],
};

function workerAsSeen(dependency: Dependency): Expectation[] {
  const probe = label('worker', dependency, 'NXDOMAIN');
  const [health, jobs] = WORKER_NAME_GONE[dependency];
  return [
    answers(probe, 'worker GET /api/health', [health]),
    answers(probe, 'worker GET /api/ready', [health]),
    answers(probe, 'worker jobs', [undefined, jobs]),
  ];
}

/** Whatever else is wrong with it, the name of ClickHouse takes nothing from what is sent. */
const clickhouseSpares = KINDS.flatMap(([kind]) => {
  const probe = label('web', 'clickhouse', kind);
  return [
    answers(probe, WRITES.ingestion, [207]),
    answers(probe, WRITES.otel, [207]),
    answers(probe, WRITES.scores, [200]),
  ];
});

/** Without ClickHouse or Postgres the web ends at its start; without S3 or Redis it comes up. */
const atStart = DEPENDENCIES.flatMap((dependency) =>
  AT_START.map(([kind]) => {
    const comesUp = dependency === 's3' || dependency === 'redis';
    return answers(
      startLabel('web', dependency, kind),
      'GET /api/public/health',
      comesUp ? [200] : [undefined, 'ECONNREFUSED'],
    );
  }),
);

/** Of what a better target would not refuse. */
const persisted = (probe: string, where: 'S3' | 'nothing'): Expectation => ({
  kind: 'shows',
  text: `${probe}: what was refused is in ${where === 'S3' ? 'S3 all the same' : 'nothing'}`,
  about: 'probe',
  label: probe,
  endpoint: WRITES.ingestion,
  persisted: where,
});

/**
 * "500 when a name does not resolve", as a table: every endpoint, for every dependency and the resolver as a whole, for every kind of
 * DNS failure, while web and worker run and when they start. The failures of one process follow one another; those of web and worker
 * go on side by side, because each has names of its own. A resolver that gets no answer gives up after 2 s here, where resolv.conf's
 * default is 10.
 */
export default {
  name: 'dns-matrix',
  proves:
    'How every endpoint answers when the name of each dependency fails in every way: the name of ClickHouse alone never turns ingestion into 500, that of S3, Redis or Postgres does.',
  reproduces: 'langfuse#6380',
  traffic: { kind: 'generated', rate: 4, duration: 100, maxBatch: 5, maxBytes: 2000 },
  settings: {
    web: {
      // As in clickhouse-dns.
      LANGFUSE_CACHE_API_KEY_ENABLED: 'false',
      REFERENCE_BACKOFF_SCALE: '0.1',
      RES_OPTIONS: 'timeout:2 attempts:1',
    },
    worker: {
      REFERENCE_BACKOFF_SCALE: '0.1',
      RES_OPTIONS: 'timeout:2 attempts:1',
      LANGFUSE_INGESTION_CLICKHOUSE_WRITE_INTERVAL_MS: '250',
      // Nothing is dropped by the writer: where an event is then says what the web did with it, whatever the worker faces at the time.
      LANGFUSE_INGESTION_CLICKHOUSE_MAX_ATTEMPTS: '1000',
    },
  },
  timeline: [
    { at: 0.5, probe: 'all names resolve' },
    { at: 2, timeout: 8, inTurn: facedBy('web') },
    { at: 2, timeout: 8, inTurn: facedBy('worker') },
  ],
  recovery: ['retry failed jobs', 'replay from S3'],
  // Jobs wait for their next attempt, and traffic goes on while the last faults do.
  visibilityBudget: 120,
  expect: [
    ...DEPENDENCIES.flatMap(asSeen),
    ...DEPENDENCIES.flatMap(workerAsSeen),
    ...clickhouseSpares,
    ...atStart,
    persisted(label('web', 's3', 'NXDOMAIN'), 'nothing'),
    persisted(label('web', 'redis', 'NXDOMAIN'), 'S3'),
    persisted(label('web', 'postgres', 'NXDOMAIN'), 'nothing'),
    {
      kind: 'must',
      text: 'nothing is missing after the replay',
      about: 'missing',
      at: 'after-replay',
      atMost: 0,
    },
  ],
} satisfies Scenario;
