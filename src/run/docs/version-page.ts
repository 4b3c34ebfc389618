import type { Profile } from '../../langfuse/profile.ts';
import { NEWEST_READ } from '../../langfuse/profiles.ts';

/** What a version does, by the words of the page; one line each. */
const LINES: Readonly<Record<string, (profile: Profile) => string>> = {
  Queues: ({ queues }) =>
    Object.entries(queues)
      .map(([name, { attempts, sharded }]) => `\`${name}\` ${attempts} attempts${sharded ? ', shards' : ''}`)
      .join('; '),
  'Prefix of the queues in Redis': ({ queuePrefixes }) =>
    [
      '`bull`',
      ...queuePrefixes.map((prefix) =>
        prefix === 'cluster' ? '`{<queue>}` in a Redis cluster' : 'what `REDIS_KEY_PREFIX` says',
      ),
    ].join(', '),
  'Access level in a job': ({ accessLevel }) => `\`${accessLevel}\``,
  'A job names its folder in S3': ({ jobsNameFolder }) => (jobsNameFolder ? 'yes' : 'no'),
  'List of the raw objects': ({ fileLog }) => `table \`${fileLog}\``,
  'Tables of v4': ({ hasEventsTables }) => (hasEventsTables ? '`events_full` and others' : 'no'),
  'Spans over OTLP become': ({ spans }) =>
    ({
      events: 'events of the ingestion API, made by web',
      'events, or raw by setting': 'events made by web, or one raw object and one job, by setting',
      raw: 'one raw object `otel/<project>/yyyy/mm/dd/HH/MM/<uuid>.json` and one job',
    })[spans],
  'Traffic over OTLP': ({ spanContentKnown }) =>
    spanContentKnown
      ? 'can be judged'
      : 'refused (`E_SPANS_UNKNOWN`): what these versions make of spans is not known',
  'OTLP is acknowledged with': ({ spansStatus }) => String(spansStatus),
  'Ids in S3 keys': ({ sanitisedKeys }) => (sanitisedKeys ? 'sanitised' : 'as they are, a `/` included'),
  'Objects of one entity that are read': ({ listLimit }) => `the first ${listLimit}`,
  'Inserts before a row is dropped': ({ insertAttempts, retriesBrokenInsert }) =>
    `${insertAttempts}${retriesBrokenInsert ? ', each repeated up to 3 times when the connection breaks' : ''}`,
  'Rows of one INSERT': ({ insertRows }) => `at most ${insertRows}`,
  'Tokens are counted': ({ countsInThreads }) =>
    countsInThreads
      ? 'in threads that the first generation without usage starts: it may take half a minute'
      : 'by the job itself',
  'Write modes, the default first': ({ writeModes }) => writeModes.map((mode) => `\`${mode}\``).join(', '),
  'Endpoints for recovery': ({ endpoints }) =>
    endpoints.length === 0 ? 'none' : endpoints.map((path) => `\`${path}\``).join(', '),
};

/** The page that says what the harness takes each version range of Langfuse to do: the oldest in full, then what changes. */
export function renderVersionPage(profiles: readonly Profile[]): string {
  const [first] = profiles;
  if (!first) throw new Error('there is no profile');
  const changes = profiles.slice(1).flatMap((profile, index) => {
    const before = profiles[index] ?? first;
    return Object.entries(LINES)
      .filter(([, say]) => say(profile) !== say(before))
      .map(([what, say]) => `| ${profile.from} | ${what} | ${say(profile)} |`);
  });
  return `${[
    '# Versions of Langfuse',
    '',
    '<!-- Made from src/langfuse/profiles.ts by `npm run docs`. -->',
    '',
    `What the harness takes each version to do, read in Langfuse's code at the tags up to v${NEWEST_READ}. Which version it has before it, it asks the`,
    'target; a newer one than these is said to be unknown and treated as the newest. What of this was seen on a running Langfuse: [fidelity.md](fidelity.md).',
    '',
    `## v${first.from}`,
    '',
    '| what | how |',
    '|---|---|',
    ...Object.entries(LINES).map(([what, say]) => `| ${what} | ${say(first)} |`),
    '',
    '## What changed since',
    '',
    '| from | what | how since then |',
    '|---|---|---|',
    ...changes,
  ].join('\n')}\n`;
}
