import {
  findSecretNotifications,
  listSecretTenants,
  redactByIds,
  redactWindow,
  type SecretTenant,
} from '@carillon/db/notifications/retention';
import type { Sql } from 'postgres';
import type { Duty } from '../service.ts';
import { rotation } from './windows.ts';

/**
 * Removes the texts from final notifications of secret categories. Recent notifications are followed by id until they
 * are final, so that their texts are removed within about a second; a slow walk through everything finds those not
 * followed: older than this process, or of a category that was made secret later. Without a secret category it costs
 * one small query a second. Runs in the leader.
 */
export interface RedactOptions {
  sql: Sql;
  now?(): number;
}

const BATCH = 1000;
/** Notifications accepted within this time before the duty began are followed too. */
const LOOK_BACK_MS = 60 * 60_000;
/** Rows become visible when they are committed, a little after the time they carry. */
const OVERLAP_MS = 5_000;
/** A notification not final by then is checked every OLD_EVERY turns. */
const YOUNG_MS = 10 * 60_000;
const OLD_EVERY = 30;
/** The walk finds those that become final later than this, and those above this number. */
const FOLLOWED_MS = 24 * 60 * 60_000;
const MOST_FOLLOWED = 100_000;
const WINDOW_MS = 60 * 60_000;
const WALK_EVERY = 5;

export function redact({ sql, now = Date.now }: RedactOptions): Duty {
  /** By id: the time of acceptance. */
  const followed = new Map<string, number>();
  const marks = new Map<string, number>();
  const walk = rotation(sql, WINDOW_MS);
  let turn = 0;

  async function followNew(tenant: SecretTenant): Promise<void> {
    const key = `${tenant.appId}/${tenant.environment}`;
    const mark = marks.get(key) ?? now() - LOOK_BACK_MS;
    const found = await findSecretNotifications(sql, tenant, new Date(mark), BATCH);
    for (const { id, createdAt } of found)
      if (followed.size < MOST_FOLLOWED) followed.set(id, createdAt.getTime());
    const last = found.at(-1)?.createdAt.getTime();
    // A full batch continues where it ended; more rows of one millisecond than a batch holds must not stop it.
    if (found.length === BATCH) marks.set(key, last! > mark ? last! : mark + 1);
    else marks.set(key, Math.max(mark, now() - OVERLAP_MS));
  }

  async function redactFollowed(): Promise<number> {
    const all = turn % OLD_EVERY === 0;
    // A deleted row would be followed without end.
    for (const [id, at] of followed) if (all && at < now() - FOLLOWED_MS) followed.delete(id);
    const from = all ? 0 : now() - YOUNG_MS;
    const ids = [...followed].filter(([, at]) => at >= from).map(([id]) => id);
    let count = 0;
    for (let first = 0; first < ids.length; first += BATCH) {
      const gone = await redactByIds(sql, ids.slice(first, first + BATCH));
      for (const id of gone) followed.delete(id);
      count += gone.length;
    }
    return count;
  }

  async function redactNextWindow(): Promise<number> {
    let count = 0;
    for await (const window of walk(1, now())) {
      let gone: string[];
      do {
        gone = await redactWindow(sql, window, BATCH);
        count += gone.length;
      } while (gone.length === BATCH);
    }
    return count;
  }

  return {
    name: 'redact',
    everyMs: 1000,
    async runOnce() {
      const tenants = await listSecretTenants(sql);
      if (tenants.length === 0) {
        followed.clear();
        return 0;
      }
      for (const tenant of tenants) await followNew(tenant);
      const count = await redactFollowed();
      return turn++ % WALK_EVERY === 0 ? count + (await redactNextWindow()) : count;
    },
    standDown() {
      followed.clear();
      marks.clear();
    },
  };
}
