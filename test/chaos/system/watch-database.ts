import { setTimeout as pause } from 'node:timers/promises';
import postgres, { type Sql } from 'postgres';

/** Looks at something again and again, by a connection of its own. */
export interface DatabaseWatch<T> {
  /** So far. */
  snapshots: readonly T[];
  /** Takes a last one. */
  stop(): Promise<readonly T[]>;
}

const EVERY_MS = 150;
/** PostgreSQL may be away meanwhile. */
const LAST_LOOK_TRIES = 50;

/** @param look null where there is nothing to be seen yet. */
export function watchDatabase<T>(
  databaseUrl: string,
  look: (sql: Sql) => Promise<T | null>,
  everyMs = EVERY_MS,
): DatabaseWatch<T> {
  const sql = postgres(databaseUrl, { max: 1, onnotice: () => {} });
  const snapshots: T[] = [];
  let isOver = false;
  const lookOnce = async (): Promise<boolean> => {
    try {
      const snapshot = await look(sql);
      if (snapshot !== null) snapshots.push(snapshot);
      return true;
    } catch {
      return false;
    }
  };
  const watching = (async () => {
    while (!isOver) {
      await lookOnce();
      await pause(everyMs);
    }
    for (let k = 0; k < LAST_LOOK_TRIES; k++) {
      if (await lookOnce()) break;
      await pause(everyMs);
    }
  })();
  return {
    snapshots,
    async stop() {
      isOver = true;
      await watching;
      await sql.end({ timeout: 2 });
      return snapshots;
    },
  };
}
