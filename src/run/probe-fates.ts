import type { Checkpoint } from '../checker/input.ts';
import type { Persisted, ProbeRecord } from '../history/run-record.ts';
import type { EntityKey } from '../langfuse/events.ts';

/**
 * The probes with where the events of each that writes have come: what has a row is in ClickHouse; else the checkpoint says what S3
 * holds. An entity of a probe belongs to one request alone.
 *
 * @param checkpoints those that the run has
 */
export function withFates(
  probes: readonly ProbeRecord[],
  checkpoints: readonly Checkpoint[],
  projectId: string,
): ProbeRecord[] {
  const settled = checkpoints.find(({ name }) => name === 'settled');
  const last = checkpoints.at(-1);
  if (!settled || !last) return [...probes];
  const wanted = new Set(probes.flatMap(({ entities = [] }) => entities));
  const [inSettled, inLast] = [settled, last].map((checkpoint) => landedIn(checkpoint, wanted, projectId));
  return probes.map((probe) => {
    const { entities } = probe;
    if (!entities || !inSettled || !inLast) return probe;
    const persisted = { settled: fateOf(entities, inSettled, settled), last: fateOf(entities, inLast, last) };
    return { ...probe, persisted };
  });
}

/** Those of the entities that have a row. */
function landedIn({ rows }: Checkpoint, wanted: ReadonlySet<string>, projectId: string): Set<string> {
  const landed = new Set<string>();
  for (const { kind, id, project_id, is_deleted } of rows) {
    const entity = `${kind}/${id}`;
    if (project_id === projectId && is_deleted === 0 && wanted.has(entity)) landed.add(entity);
  }
  return landed;
}

function fateOf(
  entities: readonly string[],
  landed: ReadonlySet<string>,
  { s3 }: Pick<Checkpoint, 's3'>,
): Persisted {
  const inS3 = (entity: string) => Object.hasOwn(s3, entity) && (s3[entity as EntityKey]?.length ?? 0) > 0;
  const fates = new Set(
    entities.map(
      (entity): Persisted => (landed.has(entity) ? 'ClickHouse' : inS3(entity) ? 'S3' : 'nothing'),
    ),
  );
  const [fate = 'nothing', ...others] = fates;
  return others.length > 0 ? 'partly' : fate;
}
