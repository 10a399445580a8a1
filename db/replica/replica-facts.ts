import type { PrimaryFacts, ReplicaFacts } from '@carillon/core/program/replica-freshness';
import type { Reader } from './reader.ts';

/** The server and the database inside it; a physical replica has the same. */
const identity = (sql: Reader) => sql`
  (select system_identifier::text from pg_control_system()) as system,
  (select oid::text from pg_database where datname = current_database()) as database`;

/** @throws the connection's error, and 55000 where the server is itself a replica. */
export async function readPrimaryFacts(sql: Reader): Promise<PrimaryFacts> {
  const [facts] = await sql<[PrimaryFacts]>`
    select pg_wal_lsn_diff(flushed, '0/0')::float8 as position,
      ('x' || left(pg_walfile_name(flushed), 8))::bit(32)::int as timeline, ${identity(sql)}
    from pg_current_wal_flush_lsn() as flushed`;
  return facts;
}

/** @throws the connection's error. */
export async function readReplicaFacts(sql: Reader): Promise<ReplicaFacts> {
  const [facts] = await sql<[ReplicaFacts]>`
    select pg_is_in_recovery() as "isReplica",
      pg_wal_lsn_diff(pg_last_wal_replay_lsn(), '0/0')::float8 as position,
      case when pg_is_in_recovery() then pg_is_wal_replay_paused() else false end as "isPaused",
      (select received_tli from pg_stat_wal_receiver where status = 'streaming') as timeline, ${identity(sql)}`;
  return facts;
}
