import { readFileSync } from 'node:fs';
import { CHECKPOINT_NAMES, PERSISTED } from '../../history/run-record.ts';
import { NAMED_REASONS, OUTCOMES, STAGES } from '../../scenario/outcomes.ts';
import { DEFAULT_SETTLE_TIMEOUT, DEFAULT_VISIBILITY_BUDGET } from '../../scenario/plan.ts';
import { CHECKPOINT_AFTER, GUIDE_STEPS, RECOVERY_ORDER } from '../../scenario/scenario.ts';
import { WAY_NUMBERS } from '../../scenario/ways.ts';

/** The example that the page quotes, in the repository. */
export const EXAMPLE = 'docs/examples/my-scenario.ts';

/**
 * `docs/scenarios.md`: how to write a scenario, with an example that is a real file, and every field, step and expectation. Values come from
 * the lists that the schema uses.
 */
export function renderScenarioGuide(): string {
  const example = readFileSync(new URL(`../../../${EXAMPLE}`, import.meta.url), 'utf8');
  return `# Write a scenario

Made by \`npm run docs\` from \`src/run/docs/scenario-guide.ts\` and \`${EXAMPLE}\`; change those.

A scenario is a TypeScript file whose default export is plain data: traffic, a timeline of faults, recovery steps and what is expected. It may
lie anywhere: \`import type\` is for the editor only, and no run needs what it names.

\`\`\`sh
cp ${EXAMPLE} ./mine.ts   # change the name inside to mine, and '../../src' to './src'
npx langfuse-chaos plan ./mine.ts              # checks every field and prints the timeline; starts nothing
npx langfuse-chaos run ./mine.ts --seed 1      # then open reports/latest/report.html
\`\`\`

## A whole example

[${EXAMPLE.replace('docs/', '')}](${EXAMPLE.replace('docs/', '')}), which passes:

\`\`\`ts
${example.trimEnd()}
\`\`\`

All times are seconds since the traffic began.

## Fields

${table(
  ['field', 'needed', 'what it is'],
  [
    ['`name`', 'yes', 'lower case letters, digits and dashes; the name of the file'],
    ['`proves`', 'yes', 'one sentence: what a run of it proves'],
    ['`reproduces`', '', 'the report that it comes from, for example `langfuse#6380`'],
    [
      '`ways`',
      '',
      `the known ways to lose events that it makes happen, \`${WAY_NUMBERS[0]}\` to \`${WAY_NUMBERS.at(-1)}\` of [scenarios/README.md](../scenarios/README.md)`,
    ],
    ['`traffic`', 'yes', 'what is sent, see below'],
    ['`timeline`', 'yes', 'what happens when, see below; `[]` for nothing'],
    [
      '`recovery`',
      'yes',
      `${values(RECOVERY_ORDER)}: both in this order, one, or \`[]\`; carried out after the stack has settled`,
    ],
    [
      '`expect`',
      'yes',
      'what the run must show, see below; `[]` leaves the verdict to the outcome of each event',
    ],
    [
      '`failsOnV3360With`',
      '',
      `why Langfuse v3.36.0 fails it, some of ${values(NAMED_REASONS)}; leave it out when v3.36.0 passes. \`run --as-expected\` compares with it`,
    ],
    [
      '`settings`',
      '',
      '`web` and `worker`: variables of their environment, as text. What no process of the reference pipeline reads or takes is refused, as `run --set` refuses it. `REFERENCE_BACKOFF_SCALE` of both makes retries quicker: a job is tried again after 5 s, 10 s, 20 s, 40 s times this; on a real Langfuse it is left out, and the time to settle is longer by what its attempts last longer',
    ],
    [
      '`visibilityBudget`',
      '',
      `seconds from the answer until an event counts as late; ${DEFAULT_VISIBILITY_BUDGET} unless told`,
    ],
    [
      '`settleTimeout`',
      '',
      `seconds that the stack may take to come to rest; ${DEFAULT_SETTLE_TIMEOUT} unless told`,
    ],
    [
      '`redisAppendOnly`',
      '',
      '`false` for a Redis that forgets what it held when it is killed; `true` unless told',
    ],
  ],
)}

## Traffic

${table(
  ['`kind`', 'field', 'what it is'],
  [
    [
      '`generated`',
      '`rate`',
      'events a second, sent without waiting for answers; up to 40 fit a small machine',
    ],
    ['', '`duration`', 'seconds'],
    ['', '`maxBatch`', 'most events in one request, 1 to 100'],
    ['', '`maxBytes`', 'largest input or output of an event in bytes, 100 to 100000'],
    [
      '',
      '`startsAt`',
      "where the events' own times begin, for example `2025-03-10T23:59:55Z`; may be left out",
    ],
    [
      '',
      '`protocol`',
      'how traces and observations are sent: `ingestion` unless told, or `otlp`, as spans; scores always go to the ingestion API. A target that takes them over OTLP only gets them so whatever it says',
    ],
    [
      '`recording`',
      '`file`',
      'a file of [scenarios/recordings](../scenarios/recordings/README.md), or a path from the working directory',
    ],
    ['', '`speed`', '1 keeps the distances in time, 2 halves them'],
    ['', '`repeat`', 'how many times the whole recording is sent'],
  ],
)}

## Steps of the timeline

Each has \`at\`, and exactly one of the kinds. A step that begins more than a minute after everything before it is refused.

${table(
  ['kind', 'form', 'what it does'],
  [
    [
      '`fault`',
      "`{ at: 1, for: 3, fault: { name: 'refused', on: 'worker→clickhouse' } }`",
      'a fault of [faults.md](faults.md), undone `for` seconds after it was injected; further keys of `fault` are its parameters. It must be felt, or the run is unknown. `outlastsAttempts` says that it is to last until jobs have used up their attempts: a real Langfuse does not scale its back-off, so there it lasts longer',
    ],
    [
      '`probe`',
      "`{ at: 2, probe: 'S3 is slow' }`",
      'asks every endpoint of web and worker once; the text is the label in the report and in expectations',
    ],
    [
      '`send`',
      "`{ at: 2, send: { name: 'burst', events: 100 } }`",
      'odd traffic of [faults.md](faults.md#odd-traffic) beside the other traffic; further keys of `send` are its parameters',
    ],
    [
      '`recover`',
      "`{ at: 3, recover: 'retry failed jobs' }`",
      `a recovery step while the traffic goes on: ${values(RECOVERY_ORDER)}, or a step of the common recovery guide as it is written: ${values(GUIDE_STEPS)}`,
    ],
    [
      '`inTurn`',
      "`{ at: 1, timeout: 5, inTurn: [{ probe: 'S3 gone', fault: { name: 'name-gone', on: 'web→s3' } }] }`",
      'faults one after another; each lasts until the endpoints of its process have answered or `timeout` seconds are over. `on` is `web`, `worker` or a link of theirs',
    ],
    [
      '`replace`',
      "`{ at: 10, replace: 'worker', by: 'other' }`",
      '`web` or `worker` is ended in good order, killed after 10 s, and started by the `other` version that the run was given (`--upgrade-to`), or by its `own` again; see [upgrades.md](upgrades.md). With `meets`, a list of `waiting` (or delayed) and `failed`, the run is unknown where no such job was in the ingestion queue when it began. It is no fault. Replacements follow one another, 3 s apart at least, and wait for faults on web and worker, as these do for them',
    ],
  ],
)}

\`->\` may be written for \`→\`. Which faults may not overlap, [faults.md](faults.md) says.

## Expectations

Besides them the verdict of every event counts: what is ${values(NAMED_REASONS.filter((reason) => reason !== 'event-id-reused'))} at the end fails a run.

Each has \`kind\`, \`text\` (what the report says) and \`about\`. Of kind \`must\`, a miss fails the run. Of kind \`shows\`, it is a weakness
that another version may not have: a miss is reported and fails nothing.

${table(
  ['`about`', 'further fields', 'what is compared'],
  [
    ['`missing`', '`at`, bounds', 'acknowledged events that are not there'],
    ['`blind-loss`', '`at`, bounds', 'those of them that no queue and no failed set shows'],
    ['`failed-set`', '`at`, bounds', 'failed jobs of the ingestion queue'],
    [
      '`outcome`',
      `\`at\`, bounds, \`outcome\`: ${values(OUTCOMES)}`,
      'events, or entities, with this outcome',
    ],
    ['`stage`', `\`at\`, bounds, \`stage\`: ${values(STAGES)}`, 'missing events whose last copy is there'],
    [
      '`probe`',
      `\`label\` of the probe; \`endpoint\`, for example \`POST /api/public/ingestion\`; of these at least one: \`status\`, \`body\` (text that the answer or the error contains), \`persisted\` (where its events are once settled): ${values(PERSISTED)}`,
      'how an endpoint answered at that moment',
    ],
    [
      '`guide`',
      `\`step\`: ${values(GUIDE_STEPS)}; at least one of \`did\` (text that is in what it did) and \`broughtBack\` (failed jobs)`,
      'what a step of the common guide really did',
    ],
  ],
)}

Bounds are \`atLeast\` and \`atMost\`, at least one of them; both ends are included. \`at\` is a checkpoint of the run:

${table(
  ['`at`', 'when'],
  CHECKPOINT_NAMES.map((name) => [`\`${name}\``, WHEN[name]]),
)}

The words are explained in [concepts.md](concepts.md).
`;
}

const WHEN: Readonly<Record<(typeof CHECKPOINT_NAMES)[number], string>> = {
  heal: 'all faults are undone',
  settled: 'the stack has come to rest by itself',
  [CHECKPOINT_AFTER['retry failed jobs']]: `after \`${RECOVERY_ORDER[0]}\`, if \`recovery\` names it`,
  [CHECKPOINT_AFTER['replay from S3']]: `after \`${RECOVERY_ORDER[1]}\`, if \`recovery\` names it`,
};

function values(all: readonly string[]): string {
  return all.map((value) => `\`${value}\``).join(', ');
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  return [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}
