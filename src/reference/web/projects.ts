import type { FastifyInstance } from 'fastify';
import type { Postgres } from '../postgres.ts';
import { authedRoute, type RouteParts } from './http.ts';

/** Adds the question which project a key is of (web/src/pages/api/public/projects.ts at v3.36.0). */
export function addProjectRoute(
  app: FastifyInstance,
  parts: RouteParts & { readonly postgres: Postgres },
): void {
  authedRoute(app, parts, '/api/public/projects', {
    GET: async ({ scope }) => ({
      data: await parts.postgres.query('SELECT id, name FROM projects WHERE id = $1', [scope.projectId]),
    }),
  });
}
