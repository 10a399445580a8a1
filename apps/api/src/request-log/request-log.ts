import type { Log } from '@carillon/core/program/log';
import { isTransient } from '@carillon/db/connection/sql-state';
import type { LoggedRequest } from '@carillon/db/request-log/write-request-log';
import { keepRequests } from '@carillon/services/requests/keep';
import type { Sql } from 'postgres';

/** A request that was answered, as far as its kind needs it. */
export interface Answered {
  keyId: string;
  method: string;
  /** As registered. */
  route: string;
  status: number;
  /** Called only for what is kept. */
  describe(): Omit<LoggedRequest, 'more'>;
}

/**
 * Keeps what keys have asked in the last day, without holding up a request: requests of one kind (key, method, route,
 * status) are counted, and every two seconds the first of each kind is stored with the number of the others; of problems
 * up to ten. So the cost of a busy key is a look-up in a map, and the rows of a process are bounded whatever comes.
 */
export interface RequestLog {
  note(request: Answered): void;
  /** Stores what was noted. Never throws: what PostgreSQL does not take is lost. */
  flush(): Promise<void>;
}

const FLUSH_EVERY_MS = 2_000;
/** Kinds between two flushes; further ones are not kept. */
const MOST_KINDS = 200;
/** Problems of one kind that are kept whole. */
const PROBLEMS_OF_A_KIND = 10;
/** And of all kinds, beyond the first of each. */
const MORE_PROBLEMS = 25;

export function createRequestLog(sql: Sql, log: Pick<Log, 'warn'>): RequestLog {
  let kinds = new Map<string, { first: LoggedRequest; kept: number }>();
  let rows: LoggedRequest[] = [];
  let moreProblems = 0;

  return {
    note(request) {
      const key = `${request.keyId} ${request.status} ${request.method} ${request.route}`;
      const kind = kinds.get(key);
      if (kind === undefined) {
        if (kinds.size >= MOST_KINDS) return;
        const first = { ...request.describe(), more: 0 };
        rows.push(first);
        kinds.set(key, { first, kept: 1 });
        return;
      }
      if (request.status < 400 || kind.kept >= PROBLEMS_OF_A_KIND || moreProblems >= MORE_PROBLEMS) {
        kind.first.more++;
        return;
      }
      kind.kept++;
      moreProblems++;
      rows.push({ ...request.describe(), more: 0 });
    },
    async flush() {
      if (rows.length === 0) return;
      const taken = rows;
      [kinds, rows, moreProblems] = [new Map(), [], 0];
      try {
        await keepRequests({ db: sql }, taken);
      } catch (error) {
        // An outage of PostgreSQL has its own line.
        if (!isTransient(error))
          log.warn('requests are missing in the request log', { rows: taken.length, error });
      }
    },
  };
}

/** Stores what is noted every two seconds. @returns a function that ends it after what was noted. */
export function keepFlushing(requests: RequestLog): () => Promise<void> {
  let running = Promise.resolve();
  let isIdle = true;
  const timer = setInterval(() => {
    // One at a time: what comes while PostgreSQL is slow waits in bounded memory.
    if (!isIdle) return;
    isIdle = false;
    running = requests.flush().finally(() => {
      isIdle = true;
    });
  }, FLUSH_EVERY_MS);
  return async () => {
    clearInterval(timer);
    await running;
    await requests.flush();
  };
}
