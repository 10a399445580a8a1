import { setTimeout as pause } from 'node:timers/promises';
import type { Database } from '@carillon/db/connection/client';
import type { Sql, TransactionSql } from 'postgres';
import type { ApiSeams } from '../../../apps/api/src/serve-api.ts';
import type { AtPoint, DeliveryPoint } from '../../../apps/worker/src/deliver/context.ts';
import { NO_SEAMS, type WorkerSeams } from '../../../apps/worker/src/seams.ts';
import type { Crash } from './crash.ts';

/** The hooks of a worker that kills itself at a point. */
export function crashingWorker(crash: Crash, simulatorUrl: string): WorkerSeams {
  if ('statement' in crash)
    return {
      ...NO_SEAMS,
      database: (database) => crashingDatabase(database, crash),
      sets: (sets) => ({ ...sets, sql: crashingSql(sets.sql, crash) }),
    };
  if ('publish' in crash)
    return {
      ...NO_SEAMS,
      producer: (producer) => ({
        ...producer,
        publish: async (lane, publication) => {
          const isIt = crash.only?.(publication) ?? true;
          if (isIt && crash.publish === 'before') await die();
          await producer.publish(lane, publication);
          if (isIt) await die();
        },
      }),
    };
  if ('epochKey' in crash)
    return {
      ...NO_SEAMS,
      redis: (redis) => {
        const set = redis.set.bind(redis) as (...args: unknown[]) => Promise<unknown>;
        const crashing = async (...args: unknown[]): Promise<unknown> => {
          if (crash.epochKey === 'before') await die();
          await set(...args);
          return die();
        };
        return Object.assign(redis, { set: crashing });
      },
    };
  return atPoint(crash, async ({ id }) => {
    if (crash.once) await taken(simulatorUrl, id);
    await die();
  });
}

/** The hooks of a worker that stops itself before a call, once, and resumes there when it is continued. */
export function stoppingWorker(): WorkerSeams {
  let hasStopped = false;
  return atPoint({ at: 'permitted', only: () => !hasStopped }, async () => {
    hasStopped = true;
    process.kill(process.pid, 'SIGSTOP');
    // The signal was sent: everything after this runs after the process resumes.
    await pause(50);
  });
}

type PointCrash = Extract<Crash, { at: DeliveryPoint }>;

function atPoint(
  { at, only = () => true }: PointCrash,
  halt: (about: AtPoint) => Promise<unknown>,
): WorkerSeams {
  return {
    ...NO_SEAMS,
    delivery: { at: (point, about) => (point === at && only(about) ? halt(about) : undefined) },
  };
}

/** The hooks of an API that kills itself at a point. */
export function crashingApi(crash: Crash): ApiSeams {
  if (!('statement' in crash)) throw new Error('an API process can only die at a statement');
  return {
    database: (database) => crashingDatabase(database, crash),
    sets: (sets) => ({ ...sets, sql: crashingSql(sets.sql, crash) }),
  };
}

type StatementCrash = Extract<Crash, { statement: RegExp }>;

function crashingDatabase(database: Database, crash: StatementCrash): Database {
  return {
    ...database,
    sql: crashingSql(database.sql, crash),
    kept: crashingSql(database.kept, crash),
  };
}

function crashingSql(sql: Sql, crash: StatementCrash): Sql {
  const begin = async (...given: unknown[]): Promise<unknown> => {
    const work = given.pop() as (tx: TransactionSql) => Promise<unknown>;
    let isIt = false;
    const result = await (sql.begin as (...args: unknown[]) => Promise<unknown>)(
      ...given,
      async (tx: TransactionSql) => {
        const worked = await work(watched(tx, crash, () => (isIt = true)));
        if (isIt && crash.when === 'before commit') await die();
        return worked;
      },
    );
    if (isIt && crash.when === 'after commit') await die();
    return result;
  };
  return new Proxy(watched(sql, crash), {
    get: (target, name, receiver) => (name === 'begin' ? begin : Reflect.get(target, name, receiver)),
  });
}

/** Passes every statement on; dies around the one that is meant. */
function watched<S extends Sql | TransactionSql>(sql: S, crash: StatementCrash, onMet?: () => void): S {
  return new Proxy(sql, {
    apply(target, self, given: unknown[]) {
      const query = Reflect.apply(target as never, self, given);
      if (!isTemplate(given[0]) || !crash.statement.test(given[0].join(' ? '))) return query;
      return around(query as Promise<readonly Record<string, unknown>[]>);
    },
  });

  async function around(query: Promise<readonly Record<string, unknown>[]>) {
    if (crash.when === 'before') await die();
    const rows = await query;
    if (!(crash.only?.(rows) ?? true)) return rows;
    if (crash.when === 'after') await die();
    onMet?.();
    return rows;
  }
}

function isTemplate(given: unknown): given is TemplateStringsArray {
  return Array.isArray(given) && 'raw' in given;
}

async function taken(simulatorUrl: string, id: string): Promise<void> {
  for (;;) {
    const answer = await fetch(`${simulatorUrl}/ledger/count?notification_id=${id}`);
    if (((await answer.json()) as { count: number }).count > 0) return;
    await pause(10);
  }
}

/** No handler, no flush, no clean shutdown. */
function die(): Promise<never> {
  process.kill(process.pid, 'SIGKILL');
  return new Promise(() => {});
}
