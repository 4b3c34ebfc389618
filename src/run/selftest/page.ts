import { CASES } from './cases.ts';
import { describeExpectation } from './expectation.ts';

/** `docs/selftest.md`: what the self-test is, and every planted defect with what the verdict must say of it. */
export function selfTestPage(): string {
  const rows = CASES.map(
    ({ name, what, expect, scenario }) =>
      `| \`${name}\` | ${what} | ${describeExpectation(expect)} | ${faultsOf(scenario.timeline)} |`,
  );
  return `# Self-test

\`langfuse-chaos selftest\` shows that the checker sees what it claims to see. It plants one known defect at a time in the
reference pipeline, runs a scenario that brings the defect out, and holds the verdict against what the defect did. The
checker is the ordinary one and is told nothing.

    langfuse-chaos selftest                        all of them, two at a time
    langfuse-chaos selftest skip-s3 wrong-project  these only
    langfuse-chaos selftest --jobs 4 --json        four stacks at a time; results as JSON on standard output

It ends with code 0 when every verdict was right, and with 1 on one miss. The run folders of misses stay in the reports folder;
the others are removed.

## What makes a verdict right

The pipeline logs each entity that the defect hits (\`"planted"\` in \`web.log\` and \`worker.log\`); nothing but the self-test
reads these lines. A verdict is right when

- it is the verdict that is expected, for the reasons that are expected and no others;
- every entity that was hit is named with the expected outcome and, at each checkpoint from \`settled\` on, with the expected stage;
- the events that are named are just those that were hit (of \`swallow-insert-error\` and \`lose-last-row\` only the entities are known);
- nothing bad is said of any other entity, and the last checkpoint counts what is named.

A defect that hits nothing is a miss as well. So is a run without a defect, \`none\`, of which anything bad is said.

Defects spare entities whose id has no dash: the events that the harness sends on its own account, by which it sees that
the target works and is at rest. Jobs are worked off one at a time, because Langfuse v3.36.0 may lose an update when two jobs of
one entity run at once, and that would not be the defect's doing.

## The defects

The stage is that at the last checkpoint. \`late\` is counted, not named event by event. A job that stays queued leaves open whether its
event still comes, so that verdict must be unknown.

| defect | what is planted | what the verdict must say | fault |
| --- | --- | --- | --- |
${rows.join('\n')}

## A new defect

Add its name to \`src/reference/defects.ts\`, its body to the file in \`src/reference/defects/\` for the place where it bites (with
\`plant.hit\` for each entity that it hits), and its case to \`src/run/selftest/cases.ts\`. Then \`npm run docs\` writes this page anew.
`;
}

function faultsOf(timeline: (typeof CASES)[number]['scenario']['timeline']): string {
  const faults = timeline.flatMap((step) =>
    'fault' in step ? [`${step.fault.name} on ${step.fault.on}, ${step.for} s`] : [],
  );
  return faults.join('; ') || 'none';
}
