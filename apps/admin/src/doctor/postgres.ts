import { unfinishedRestore } from '@carillon/db/backup/unfinished-restore';
import { SET_CONNECTIONS } from '@carillon/db/connection/set-statements';
import { MIGRATE_COMMAND, missingMigrations } from '@carillon/db/required-migrations';
import { readInstallation } from '@carillon/db/restore/installation';
import type { Sql } from 'postgres';
import type { Environment } from '../config.ts';
import { clockFinding } from './clock.ts';
import { error, type Finding, ok, warning } from './finding.ts';
import { PROGRAM_NAMES, PROGRAMS, type Program } from './programs.ts';

/** The oldest release that is tested. */
const LEAST_MAJOR = 15;

export interface Processes extends Readonly<Record<Program, number>> {}

/**
 * PostgreSQL: version, writes, migrations, room for connections, clock. @throws the connection's error if it cannot be
 * queried.
 */
export async function checkPostgres(sql: Sql, env: Environment, processes: Processes): Promise<Finding[]> {
  const sentAt = Date.now();
  const [server] = await sql<
    [
      {
        now: Date;
        version: number;
        text: string;
        replica: boolean;
        read_only: string;
        max: number;
        reserved: number;
        used: number;
      },
    ]
  >`select clock_timestamp() as now, current_setting('server_version_num')::int as version,
      current_setting('server_version') as text, pg_is_in_recovery() as replica,
      current_setting('default_transaction_read_only') as read_only,
      current_setting('max_connections')::int as max,
      current_setting('superuser_reserved_connections')::int as reserved,
      (select count(*)::int from pg_stat_activity where backend_type = 'client backend') as used`;
  const receivedAt = Date.now();
  const major = Math.floor(server.version / 10_000);
  return [
    major >= LEAST_MAJOR
      ? ok('postgres version', `${server.text} is supported (${LEAST_MAJOR} or newer)`)
      : error(
          'postgres version',
          `${server.text} is older than ${LEAST_MAJOR}`,
          `Upgrade the server to PostgreSQL ${LEAST_MAJOR} or newer.`,
        ),
    server.replica || server.read_only === 'on'
      ? error(
          'postgres writes',
          'it takes no writes: a replica, or read-only by its settings',
          'Let DATABASE_URL lead to the primary.',
        )
      : ok('postgres writes', 'it takes writes'),
    await migrationsFinding(sql),
    connectionsFinding(env, processes, server, env.DATABASE_POOLER === 'transaction'),
    clockFinding('postgres clock', server.now.getTime(), sentAt, receivedAt),
  ];
}

async function migrationsFinding(sql: Sql): Promise<Finding> {
  const missing = await missingMigrations(sql);
  const unfinished = missing.length === 0 ? null : await unfinishedRestore(sql);
  if (unfinished)
    return error(
      'migrations',
      `a restore of ${unfinished.backup} was begun and has not ended`,
      `Wait for it, or run "carillon-admin restore load ${unfinished.backup}" again.`,
    );
  if (missing.length === 0) return ok('migrations', 'all that this release needs are applied');
  return error(
    'migrations',
    `${missing.length} that this release needs are missing: ${missing.join(', ')}`,
    `Run "${MIGRATE_COMMAND}" with this DATABASE_URL.`,
  );
}

/**
 * The connections that db/connection/client.ts opens in addition to its main pool: two pools of four at most. The API
 * has a pool for set statements as well; workers listen for wake-ups.
 */
function connectionsOf(program: Program, env: Environment): number {
  const { connections, schema } = PROGRAMS[program];
  const field =
    connections === null
      ? undefined
      : (schema.shape as Record<string, { safeParse(v: unknown): { data?: unknown } }>)[connections];
  const own = Number(field?.safeParse(env[connections!] || undefined).data ?? 4);
  return own + 2 * Math.min(own, 4) + FURTHER[program];
}

const FURTHER: Readonly<Record<Program, number>> = { api: SET_CONNECTIONS, worker: 1, dashboard: 0 };

/** Call it only where all migrations are applied. */
export async function checkRestore(sql: Sql): Promise<Finding[]> {
  const { restoredTo, restoredAt, releasedAt } = await readInstallation(sql);
  if (restoredTo === null || restoredAt === null) return [];
  if (releasedAt !== null)
    return [
      ok('restore', `restored to ${restoredTo.toISOString()}, released at ${releasedAt.toISOString()}`),
    ];
  return [
    warning(
      'restore',
      `the database was restored to ${restoredTo.toISOString()} and is under review since ${restoredAt.toISOString()}: bulk messages wait`,
      'Run "carillon-admin restore review", settle what waits for a person, then "carillon-admin restore release".',
    ),
  ];
}

function connectionsFinding(
  env: Environment,
  processes: Processes,
  { max, reserved, used }: { max: number; reserved: number; used: number },
  isPooled: boolean,
): Finding {
  const parts = PROGRAM_NAMES.filter((program) => processes[program] > 0).map((program) => ({
    program,
    count: processes[program],
    each: connectionsOf(program, env),
  }));
  const needed = parts.reduce((sum, { count, each }) => sum + count * each, 0);
  const room = max - reserved;
  const sum = parts.map(({ program, count, each }) => `${count} ${program} x ${each}`).join(', ');
  if (isPooled)
    return ok(
      'postgres connections',
      `up to ${needed} to the pooler (${sum}): its max_client_conn must allow them; the server has ${room}, ${used} in use now`,
    );
  const message = `up to ${needed} are needed (${sum}); the server has ${room} (max_connections ${max}, less ${reserved} reserved), ${used} in use now`;
  const remedy =
    'Raise max_connections, or lower API_DATABASE_CONNECTIONS and WORKER_DATABASE_CONNECTIONS. --processes api=1,worker=3,dashboard=1 says how many of each you run.';
  if (needed > room) return error('postgres connections', message, remedy);
  // Deployments run old and new processes side by side.
  if (needed * 2 > room && needed + Math.max(...parts.map(({ each }) => each)) > room)
    return warning(
      'postgres connections',
      `${message}; a rolling restart has no room for one process more`,
      remedy,
    );
  return ok('postgres connections', message);
}
