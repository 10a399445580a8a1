import postgres, { type Sql } from 'postgres';
import type { PostgresPair } from '../../support/postgres-pair.ts';
import { until } from '../../support/until.ts';

/** What PostgreSQL's other users, or its operator, do to it while Carillon runs. */
export interface Neighbour {
  name: string;
  /**
   * How long it lasts, in ms, until the API must have refused something; 0: it is over at once.
   */
  leastMs: number;
  /** Begins it. @returns ends it */
  begin(place: Place): Promise<() => Promise<void>>;
}

export interface Place {
  pair: PostgresPair;
  /** The database of Carillon, as a superuser. */
  databaseUrl: string;
  /** As Carillon's programs use it: no superuser, who has connections of its own. */
  ownUrl: string;
}

/** Somebody changes the table by hand, and goes to lunch. */
const longLock: Neighbour = {
  name: 'a long lock on notifications',
  // Every request is answered within 6 s.
  leastMs: 7_500,
  async begin({ databaseUrl }) {
    const session = client(databaseUrl);
    const reserved = await session.reserve();
    await reserved`begin`;
    await reserved`lock table notifications in access exclusive mode`;
    return async () => {
      await reserved`rollback`;
      reserved.release();
      await session.end({ timeout: 1 });
    };
  },
};

/** A managed PostgreSQL whose disk is nearly full does this by itself. */
const readOnly: Neighbour = {
  name: 'a server that takes no writes',
  leastMs: 4_000,
  async begin({ databaseUrl }) {
    const turn = (isOn: boolean) =>
      asOperator(databaseUrl, async (sql) => {
        await sql.unsafe(
          isOn
            ? 'alter system set default_transaction_read_only = on'
            : 'alter system reset default_transaction_read_only',
        );
        await sql`select pg_reload_conf()`;
        await until('the setting to hold', async () => {
          const [row] = await sql`show default_transaction_read_only`;
          return (row!.default_transaction_read_only === 'on') === isOn;
        });
      });
    await turn(true);
    return () => turn(false);
  },
};

const TAKEN = 20;

/** Another program takes every connection, at a moment in which ours have to be opened again. */
const noConnections: Neighbour = {
  name: 'another client that takes every connection',
  leastMs: 4_000,
  async begin({ databaseUrl, ownUrl }) {
    const database = new URL(databaseUrl).pathname.slice(1);
    const other = client(ownUrl, TAKEN);
    const taken = await Promise.all(Array.from({ length: TAKEN }, () => other.reserve()));
    const limit = (connections: number) =>
      asOperator(databaseUrl, (sql) =>
        sql.unsafe(`alter database ${database} connection limit ${connections}`),
      );
    await limit(TAKEN);
    await asOperator(
      databaseUrl,
      (sql) => sql`
        select pg_terminate_backend(pid) from pg_stat_activity
        where datname = current_database() and application_name like 'carillon-%'`,
    );
    return async () => {
      for (const each of taken) each.release();
      await other.end({ timeout: 1 });
      await limit(-1);
    };
  },
};

/** A synchronous standby: what it takes over with holds every commit that was confirmed. */
const promotedStandby: Neighbour = {
  name: 'a standby that takes over',
  leastMs: 0,
  async begin({ pair }) {
    await pair.promote();
    return async () => {};
  },
};

/** In this order: the last one leaves no standby. */
export const NEIGHBOURS: readonly Neighbour[] = [longLock, readOnly, noConnections, promotedStandby];

const client = (url: string, max = 1): Sql =>
  postgres(url, {
    max,
    onnotice: () => {},
    connect_timeout: 5,
    connection: { application_name: 'neighbour' },
  });

async function asOperator(url: string, work: (sql: Sql) => PromiseLike<unknown>): Promise<void> {
  const sql = client(url);
  try {
    await work(sql);
  } finally {
    await sql.end({ timeout: 1 });
  }
}
