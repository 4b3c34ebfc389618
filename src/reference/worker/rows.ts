import { fromClickHouseTime } from '../clickhouse.ts';

/** What every row of an entity has. Times are milliseconds since the epoch. */
interface EntityRow {
  id: string;
  project_id: string;
  environment: string;
  created_at: number;
  updated_at: number;
  /** Version of the row for ClickHouse: of rows with one key the highest stays. */
  event_ts: number;
  is_deleted: number;
}
type Text = string | null | undefined;

/** A row of `traces`. */
export interface TraceRow extends EntityRow {
  timestamp: number;
  name: Text;
  user_id: Text;
  metadata: Record<string, unknown>;
  release: Text;
  version: Text;
  public: boolean;
  bookmarked: boolean;
  tags: string[];
  input?: Text;
  output?: Text;
  session_id: Text;
}

/** A row of `observations`. */
export interface ObservationRow extends EntityRow {
  trace_id: string;
  type: 'EVENT' | 'SPAN' | 'GENERATION';
  parent_observation_id: Text;
  start_time: number;
  end_time: number | undefined;
  completion_start_time: number | undefined;
  name: Text;
  metadata: Record<string, unknown>;
  level: Text;
  status_message: Text;
  version: Text;
  input?: Text;
  output?: Text;
  provided_model_name: Text;
  internal_model_id?: Text;
  model_parameters: Text;
  provided_usage_details: Record<string, number>;
  usage_details: Record<string, number>;
  provided_cost_details: Record<string, number>;
  cost_details: Record<string, number>;
  total_cost?: number | undefined;
  prompt_id: Text;
  prompt_name: Text;
  prompt_version: number | null | undefined;
}

/** A row of `scores`. */
export interface ScoreRow extends EntityRow {
  timestamp: number;
  trace_id: string;
  observation_id: Text;
  name: string;
  value: number | null;
  source: string;
  comment: Text;
  data_type: 'NUMERIC' | 'CATEGORICAL' | 'BOOLEAN';
  string_value: Text;
}

/** Row type of each table of entities. */
export interface RowOf {
  traces: TraceRow;
  observations: ObservationRow;
  scores: ScoreRow;
}

const TIMES = [
  'timestamp',
  'start_time',
  'end_time',
  'completion_start_time',
  'created_at',
  'updated_at',
  'event_ts',
];
const AMOUNTS = ['provided_usage_details', 'usage_details', 'provided_cost_details', 'cost_details'];

/** A row as ClickHouse gives it in JSON, in the form in which it is written: times and amounts as numbers. */
export function fromStored<Name extends keyof RowOf>(stored: Record<string, unknown>): RowOf[Name] {
  const entries = Object.entries(stored).map(([column, value]) => {
    if (TIMES.includes(column)) {
      return [column, value ? fromClickHouseTime(String(value)).getTime() : undefined];
    }
    if (AMOUNTS.includes(column)) {
      const amounts = Object.entries(value as Record<string, unknown>);
      return [column, Object.fromEntries(amounts.map(([key, amount]) => [key, Number(amount)]))];
    }
    return [column, value];
  });
  return Object.fromEntries(entries);
}
