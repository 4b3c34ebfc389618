import { notFound } from '../errors.ts';
import type { ObservationEvent, ScoreEvent } from '../events.ts';
import type { Postgres } from '../postgres.ts';
import type { Prompt } from './versions.ts';

/*
 * What the worker asks Postgres for. Only entities that need an answer feel it when Postgres is away: observations
 * with a model or a prompt, traces with a session, scores with a config.
 */

/** Makes the session of a trace known. @throws PostgresError */
export async function upsertSession(postgres: Postgres, projectId: string, id: string): Promise<void> {
  await postgres.query('INSERT INTO trace_sessions (id, project_id) VALUES ($1, $2) ON CONFLICT DO NOTHING', [
    id,
    projectId,
  ]);
}

/** Id of the model whose pattern matches a name; undefined if none does or there is no name. @throws PostgresError */
export async function findModel(
  postgres: Postgres,
  projectId: string,
  name: string | null | undefined,
): Promise<string | undefined> {
  if (!name) return undefined;
  const [model] = await postgres.query<{ id: string }>(
    `SELECT id FROM models
     WHERE (project_id = $1 OR project_id IS NULL) AND $2 ~ match_pattern
       AND (start_date IS NULL OR start_date <= now())
     ORDER BY project_id ASC, start_date DESC NULLS LAST LIMIT 1`,
    [projectId, name],
  );
  return model?.id;
}

/** The prompt that the last event with name and version of one names; null if it does not exist. @throws PostgresError */
export async function findPrompt(
  postgres: Postgres,
  projectId: string,
  events: readonly ObservationEvent[],
): Promise<Prompt | null> {
  const named = events.findLast(({ body }) => 'promptName' in body && body.promptName && body.promptVersion);
  if (!named || !('promptName' in named.body)) return null;
  const [prompt] = await postgres.query<Prompt>(
    'SELECT id, name, version FROM prompts WHERE project_id = $1 AND name = $2 AND version = $3',
    [projectId, named.body.promptName, named.body.promptVersion],
  );
  return prompt ?? null;
}

/**
 * Checks a score against the config that it names. Web does not, so a score that fails here was acknowledged and
 * fails at each attempt. Range and categories are not checked.
 * @throws ApiError if it does not fit
 */
export async function checkScoreConfig(
  postgres: Postgres,
  projectId: string,
  { body }: ScoreEvent,
): Promise<void> {
  if (!body.configId) return;
  const [config] = await postgres.query<{ name: string; data_type: string; is_archived: boolean }>(
    'SELECT name, data_type, is_archived FROM score_configs WHERE project_id = $1 AND id = $2',
    [projectId, body.configId],
  );
  if (!config) throw notFound('The configId you provided does not match a valid config in this project');
  if (body.dataType && body.dataType !== config.data_type) {
    throw new Error(`Data type mismatch based on config: expected ${config.data_type}, got ${body.dataType}`);
  }
  if (config.is_archived) {
    throw new Error(
      'Config is archived and cannot be used to create new scores. Please restore the config first.',
    );
  }
}

/** When a project was made. @throws Error if it does not exist */
export async function projectCreated(postgres: Postgres, projectId: string): Promise<Date> {
  const [project] = await postgres.query<{ created_at: Date }>(
    'SELECT created_at FROM projects WHERE id = $1 AND deleted_at IS NULL',
    [projectId],
  );
  if (!project) throw notFound(`Project ${projectId} not found`);
  return project.created_at;
}
