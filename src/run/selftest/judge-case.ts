import { BAD_OUTCOMES, type Finding, type Outcome, type Verdict } from '../../checker/verdict.ts';
import type { EntityKey, EntityKind } from '../../langfuse/events.ts';
import { type ExpectedFinding, lastStage, OF_ENTITIES, type SelfTestExpectation } from './expectation.ts';
import type { Planted, PlantedHit } from './planted.ts';

/**
 * Holds a verdict against what was really done to the events, and says in which ways it is wrong; nothing when it is right:
 * every entity that was hit is named with the right outcome, stage and events, and nothing bad is said of any other.
 */
export function judgeCase(verdict: Verdict, expected: SelfTestExpectation, planted: Planted): string[] {
  const misses: string[] = [];
  if (expected.verdict !== 'pass' && planted.size === 0) {
    misses.push('the defect did not come into play: nothing was hit');
  }
  if (verdict.verdict !== expected.verdict) {
    misses.push(`the verdict is ${verdict.verdict}, not ${expected.verdict}: ${verdict.sentence}`);
  }
  const codes = verdict.reasons.map(({ code }) => code).sort();
  if (codes.join() !== expected.reasons.toSorted().join()) {
    misses.push(
      `its reasons are ${codes.join(', ') || 'none'}, not ${expected.reasons.join(', ') || 'none'}`,
    );
  }
  misses.push(
    ...judgeFindings(verdict.findings, expected, planted),
    ...judgeCounts(verdict, expected, planted),
  );
  return misses;
}

function judgeFindings(
  findings: readonly Finding[],
  expected: SelfTestExpectation,
  planted: Planted,
): string[] {
  const misses: string[] = [];
  const byEntity = Map.groupBy(findings, ({ entity }) => entity);
  for (const [entity, found] of byEntity) {
    const allowed = planted.has(entity) ? expected.planted : (expected.others ?? []);
    for (const finding of found) misses.push(...judgeFinding(finding, allowed, planted.has(entity)));
  }
  for (const [entity, hit] of planted) {
    for (const { outcome } of expected.planted) {
      const events = (byEntity.get(entity) ?? []).filter((finding) => finding.outcome === outcome);
      const miss = missingEvents(outcome, hit, events);
      if (miss !== undefined) misses.push(`${entity} was hit, and ${miss}`);
    }
  }
  return misses;
}

/** What is wrong about one finding. */
function judgeFinding(
  { entity, eventId, outcome, stages, differences }: Finding,
  allowed: readonly ExpectedFinding[],
  wasHit: boolean,
): string[] {
  const who = `${eventId === undefined ? '' : `event ${eventId} of `}${entity}`;
  const fitting = allowed.find((each) => each.outcome === outcome);
  if (!fitting)
    return [`${who} is called ${outcome}, ${wasHit ? 'which is wrong' : 'though it was not hit'}`];
  const { heal, ...later } = stages;
  const misses: string[] = [];
  if (stagesText(later) !== stagesText(fitting.stages)) {
    misses.push(`${who} is said to be ${stagesText(later)}, not ${stagesText(fitting.stages)}`);
  }
  if (outcome === 'altered') misses.push(...judgeFields(who, entity, differences ?? [], fitting.fields));
  return misses;
}

/** It must be said where it differs: in every place that is expected, and in no other. */
function judgeFields(
  who: string,
  entity: EntityKey,
  differences: NonNullable<Finding['differences']>,
  expected: ExpectedFinding['fields'],
): string[] {
  if (differences.length === 0) return [`${who} is not said where it differs`];
  const kind = entity.slice(0, entity.indexOf('/')) as EntityKind;
  const fields = isList(expected) ? expected : expected?.[kind];
  if (fields === undefined)
    return expected === undefined ? [] : [`${who} is of a kind that was not to differ`];
  const isAt = (field: string, name: string) => field === name || field.startsWith(`${name}.`);
  const strange = differences.filter(({ field }) => !fields.some((name) => isAt(field, name)));
  const unsaid = fields.filter((name) => !differences.some(({ field }) => isAt(field, name)));
  return [
    ...strange.map(({ field }) => `${who} is said to differ in ${field}`),
    ...unsaid.map((name) => `${who} is not said to differ in ${name}`),
  ];
}

function isList(fields: ExpectedFinding['fields']): fields is readonly string[] {
  return Array.isArray(fields);
}

/** What is not said of an entity that was hit, or of events of it that were not. */
function missingEvents(outcome: Outcome, hit: PlantedHit, found: readonly Finding[]): string | undefined {
  if (found.length === 0) return `nothing of it is called ${outcome}`;
  if (OF_ENTITIES.includes(outcome) || hit.partly) return undefined;
  const named = new Set(found.map(({ eventId }) => eventId));
  const absent = [...hit.events].filter((id) => !named.has(id));
  if (absent.length > 0) return `its events ${absent.join(', ')} are not called ${outcome}`;
  const extra = [...named].filter((id) => !hit.events.has(String(id)));
  return extra.length > 0
    ? `its events ${extra.join(', ')}, which were not, are called ${outcome} too`
    : undefined;
}

/** The last checkpoint must count just what the findings name. */
function judgeCounts(
  { checkpoints, findings }: Verdict,
  { counted }: SelfTestExpectation,
  planted: Planted,
): string[] {
  const outcomes = checkpoints.at(-1)?.outcomes;
  if (!outcomes) return ['nothing was read of what has landed'];
  const misses = BAD_OUTCOMES.flatMap((outcome) => {
    const named = findings.filter((finding) => finding.outcome === outcome).length;
    return named === outcomes[outcome]
      ? []
      : [`${outcomes[outcome]} are counted as ${outcome}, and ${named} are named`];
  });
  if (counted === undefined) return misses;
  const hit = [...planted.values()].reduce((sum, { events }) => sum + events.size, 0);
  if (outcomes[counted] !== hit)
    misses.push(`${outcomes[counted]} are counted as ${counted}, and ${hit} were hit`);
  return misses;
}

/**
 * What a verdict says, in a few words: each outcome with the stage at the last checkpoint that has one, and how many.
 *
 * @param counted an outcome without findings that is to be told too
 */
export function describeVerdict({ verdict, findings, checkpoints }: Verdict, counted?: Outcome): string {
  const counts = new Map<string, number>();
  const add = (text: string, count = 1) => counts.set(text, (counts.get(text) ?? 0) + count);
  for (const { outcome, stages, differences } of findings) {
    const { heal, ...later } = stages;
    const where = lastStage(later) ?? differences?.map(({ field }) => field.replace(/\..*/, '')).at(0);
    add(where === undefined ? outcome : `${outcome} · ${where}`);
  }
  if (counted !== undefined) add(counted, checkpoints.at(-1)?.outcomes[counted]);
  const texts = [...counts].map(([text, count]) => `${text} ×${count}`);
  return texts.length === 0 ? verdict : `${texts.join(', ')}${verdict === 'fail' ? '' : ` (${verdict})`}`;
}

function stagesText(stages: ExpectedFinding['stages'] = {}): string {
  const texts = Object.entries(stages).map(([checkpoint, stage]) => `${stage} at ${checkpoint}`);
  return texts.join(', ') || 'missing nowhere';
}
