import type { MergedMetadata } from './merge-metadata.ts';
import type { StoredRow } from './stored-row.ts';

/**
 * Whether a row has the same content as one of the same entity that was read before: each compared column equal as it was
 * read, and not only in meaning. So whatever was found out about the other row is true of this one. Columns that nothing is
 * compared with (`event_ts`, `bookmarked`, `config_id`) are left out.
 *
 * @param metadata what the other row's metadata was found to be
 */
export function hasSameContent(
  row: StoredRow,
  other: StoredRow,
  metadata: MergedMetadata | undefined,
): boolean {
  if (row.kind !== other.kind) return false;
  if (metadata === undefined) return sameScore(row, other);
  if (!isMap(row.metadata) || !metadata.isStoredAs(row.metadata)) return false;
  return row.kind === 'trace' ? sameTrace(row, other) : sameObservation(row, other);
}

/* Each column by its name, as in stored-form.ts: this runs once per row of a run. */

function sameTrace(row: StoredRow, other: StoredRow): boolean {
  return (
    row.timestamp === other.timestamp &&
    row.environment === other.environment &&
    row.name === other.name &&
    row.user_id === other.user_id &&
    row.session_id === other.session_id &&
    row.release === other.release &&
    row.version === other.version &&
    row.public === other.public &&
    sameTags(row.tags, other.tags) &&
    row.input === other.input &&
    row.output === other.output
  );
}

function sameObservation(row: StoredRow, other: StoredRow): boolean {
  return (
    row.start_time === other.start_time &&
    row.environment === other.environment &&
    row.trace_id === other.trace_id &&
    row.type === other.type &&
    row.name === other.name &&
    row.parent_observation_id === other.parent_observation_id &&
    row.end_time === other.end_time &&
    row.completion_start_time === other.completion_start_time &&
    row.level === other.level &&
    row.status_message === other.status_message &&
    row.version === other.version &&
    row.input === other.input &&
    row.output === other.output &&
    row.provided_model_name === other.provided_model_name &&
    row.model_parameters === other.model_parameters &&
    sameAmounts(row.provided_usage_details, other.provided_usage_details) &&
    sameAmounts(row.usage_details, other.usage_details) &&
    sameAmounts(row.provided_cost_details, other.provided_cost_details) &&
    sameAmounts(row.cost_details, other.cost_details) &&
    row.total_cost === other.total_cost &&
    row.prompt_name === other.prompt_name &&
    row.prompt_version === other.prompt_version
  );
}

function sameScore(row: StoredRow, other: StoredRow): boolean {
  return (
    row.timestamp === other.timestamp &&
    row.environment === other.environment &&
    row.trace_id === other.trace_id &&
    row.observation_id === other.observation_id &&
    row.name === other.name &&
    row.value === other.value &&
    row.string_value === other.string_value &&
    row.data_type === other.data_type &&
    row.source === other.source &&
    row.comment === other.comment
  );
}

function sameTags(tags: unknown, others: unknown): boolean {
  if (!Array.isArray(tags) || !Array.isArray(others) || tags.length !== others.length) return false;
  for (let at = 0; at < tags.length; at += 1) if (tags[at] !== others[at]) return false;
  return true;
}

function sameAmounts(amounts: unknown, others: unknown): boolean {
  if (!isMap(amounts) || !isMap(others)) return false;
  let extra = 0;
  for (const kind in amounts) {
    const amount = amounts[kind];
    if (amount === undefined || amount !== others[kind]) return false;
    extra += 1;
  }
  for (const _ in others) extra -= 1;
  return extra === 0;
}

function isMap(stored: unknown): stored is Readonly<Record<string, unknown>> {
  return typeof stored === 'object' && stored !== null && !Array.isArray(stored);
}
