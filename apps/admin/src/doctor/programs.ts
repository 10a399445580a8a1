import * as api from '@carillon/api/config';
import * as dashboard from '@carillon/dashboard/config';
import * as worker from '@carillon/worker/config';
import type { z } from 'zod';

/**
 * The programs whose settings are checked, with the schemas they start with. The only place where this app imports
 * others, and only their settings: a copy of the rules would diverge.
 */
export const PROGRAMS = {
  api: { schema: api.configSchema, read: api.readConfig, connections: 'API_DATABASE_CONNECTIONS' },
  worker: {
    schema: worker.configSchema,
    read: worker.readConfig,
    connections: 'WORKER_DATABASE_CONNECTIONS',
  },
  dashboard: { schema: dashboard.configSchema, read: dashboard.readConfig, connections: null },
} as const satisfies Record<
  string,
  { schema: z.ZodObject; read: (env: Env) => unknown; connections: string | null }
>;
export type Program = keyof typeof PROGRAMS;
export const PROGRAM_NAMES = Object.keys(PROGRAMS) as Program[];

type Env = Readonly<Record<string, string | undefined>>;

/** Processes that docker-compose.yml starts. */
export const USUAL_PROCESSES: Readonly<Record<Program, number>> = { api: 1, worker: 3, dashboard: 1 };
