import { setTimeout as pause } from 'node:timers/promises';
import { ConfigError, parseConfig } from '@carillon/core/program/config';
import { databaseSettings } from '@carillon/core/program/database-settings';
import { explainFailure } from '@carillon/core/program/explain-failure';
import { createFreshness } from '@carillon/core/program/replica-freshness';
import { replicaAddress, replicaSettings } from '@carillon/core/program/replica-settings';
import { replicaAdvice } from '@carillon/core/program/replica-trouble';
import { openDatabase } from '@carillon/db/connection/client';
import { SET_CONNECTIONS } from '@carillon/db/connection/set-statements';
import { readPrimaryFacts, readReplicaFacts } from '@carillon/db/replica/replica-facts';
import type { Sql } from 'postgres';
import { z } from 'zod';
import type { Environment } from '../config.ts';
import { error, type Finding, ok, warning } from './finding.ts';
import type { Processes } from './postgres.ts';

/** A replica that follows has caught up by then, in milliseconds. */
const PATIENCE_MS = 3_000;
const STATEMENT_TIMEOUT_MS = 5_000;

/** Whether the replica follows this primary, and has room for the connections of the APIs. Without one, nothing. */
export async function checkReplica(primary: Sql, env: Environment, processes: Processes): Promise<Finding[]> {
  const address = addressIn(env);
  if (address === null) return [];
  const name = 'carillon-admin';
  const replica = openDatabase({
    url: address.url,
    name,
    connections: 1,
    statementTimeoutMs: STATEMENT_TIMEOUT_MS,
    readOnly: true,
  });
  try {
    return [await followsFinding(primary, replica.sql), await roomFinding(replica.sql, env, processes)];
  } catch (thrown) {
    const cause = replica.lastFailure() ?? thrown;
    const context = { what: 'The replica', setting: 'DATABASE_REPLICA_URL', at: address.url };
    const sentence =
      explainFailure(cause, context)?.sentence ?? `The replica fails: ${(cause as Error).message}`;
    return [
      error(
        'replica',
        sentence.replace(/\.$/, ''),
        'Until it answers, lists are read from the primary. Or take DATABASE_REPLICA_URL out.',
      ),
    ];
  } finally {
    await replica.close();
  }
}

/** Invalid settings are reported with the settings. */
function addressIn(env: Environment) {
  try {
    return replicaAddress(parseConfig(z.object({ ...databaseSettings(), ...replicaSettings() }), env));
  } catch (thrown) {
    if (thrown instanceof ConfigError) return null;
    throw thrown;
  }
}

async function followsFinding(primary: Sql, replica: Sql): Promise<Finding> {
  const freshness = createFreshness();
  const startedAt = performance.now();
  for (;;) {
    const askedAt = performance.now();
    freshness.primarySaid(await readPrimaryFacts(primary), askedAt);
    const facts = await readReplicaFacts(replica);
    const fault = freshness.replicaSaid(facts);
    if (fault !== null) {
      const { what, remedy } = replicaAdvice({ state: 'unfit', fault });
      return error('replica', `it ${what}`, `${remedy[0]!.toUpperCase()}${remedy.slice(1)}.`);
    }
    const asOf = freshness.asOf();
    const waitedMs = performance.now() - startedAt;
    if (asOf !== null && !facts.isPaused)
      return ok(
        'replica',
        `it follows the primary, at most ${Math.ceil(performance.now() - asOf)} ms behind`,
      );
    if (facts.isPaused || waitedMs > PATIENCE_MS) {
      const { remedy } = replicaAdvice({
        state: 'lagging',
        behindMs: waitedMs,
        boundMs: 0,
        isPaused: facts.isPaused,
      });
      const what = facts.isPaused
        ? 'its replay is paused'
        : `it lags: in ${PATIENCE_MS / 1000} s it has not reached what the primary had at their beginning`;
      return warning('replica', what, `${remedy[0]!.toUpperCase()}${remedy.slice(1)}.`);
    }
    await pause(100);
  }
}

/** Each API opens its own pools there. */
async function roomFinding(replica: Sql, env: Environment, processes: Processes): Promise<Finding> {
  const [{ room, used }] = await replica<[{ room: number; used: number }]>`
    select current_setting('max_connections')::int - current_setting('superuser_reserved_connections')::int as room,
      (select count(*)::int from pg_stat_activity where backend_type = 'client backend') as used`;
  const own = Number(env.API_DATABASE_CONNECTIONS || 8);
  const each = own + Math.min(own, 4) + SET_CONNECTIONS;
  const needed = processes.api * each;
  const message = `up to ${needed} are needed (${processes.api} api x ${each}); it has ${room}, ${used} in use now`;
  if (needed <= room) return ok('replica connections', message);
  return error(
    'replica connections',
    message,
    'Raise max_connections of the replica, or lower API_DATABASE_CONNECTIONS. --processes api=1,worker=3,dashboard=1 says how many of each you run.',
  );
}
