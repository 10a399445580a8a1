import { randomUUID } from 'node:crypto';
import { claimNotifications } from '@carillon/db/attempts/claim-notifications';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type LaneBundle, laneBundle } from '../../../../test/support/lanes.ts';
import { insertNotification, stateOf } from '../../../../test/support/rows.ts';
import { rescue } from './rescue.ts';

let bundle: LaneBundle;
beforeAll(async () => {
  bundle = await laneBundle();
});
afterAll(() => bundle.close());

test('a claim whose worker died becomes a visible doubt and is not announced again', async () => {
  const { sql } = bundle.db;
  const id = await insertNotification(sql, { appId: bundle.appId, announced: false });
  const lease = { leaseToken: randomUUID(), leaseMs: -1 };
  await claimNotifications(sql, [id], { channel: 'email', provider: 'smtp', ...lease });
  await sql`update delivery_attempts set started_at = now() - interval '1 minute' where notification_id = ${id}`;
  await rescue({ sql, wake: () => {} }).runOnce();
  expect(await stateOf(sql, id)).toMatchObject({ state: 'in_doubt', error_code: 'worker_lost' });
  expect(await sql`select 1 from outbox where ${id} = any (ids)`).toHaveLength(0);
});

test('a retry whose delayed job was lost is announced again, once', async () => {
  const { sql } = bundle.db;
  const overdue = new Date(Date.now() - 60_000);
  const id = await insertNotification(sql, {
    appId: bundle.appId,
    state: 'retrying',
    nextAttemptAt: overdue,
  });
  const woken: string[] = [];
  const duty = rescue({ sql, wake: (priority) => woken.push(priority) });
  await Promise.all([duty.runOnce(), duty.runOnce()]);
  expect(await sql`select kind from outbox where ${id} = any (ids)`).toEqual([{ kind: 'delivery.resumed' }]);
  expect(woken).toContain('normal');
});

test('a retry that is merely waiting is left alone', async () => {
  const { sql } = bundle.db;
  const soon = new Date(Date.now() + 1000);
  const id = await insertNotification(sql, { appId: bundle.appId, state: 'retrying', nextAttemptAt: soon });
  await rescue({ sql, wake: () => {} }).runOnce();
  expect(await sql`select 1 from outbox where ${id} = any (ids)`).toHaveLength(0);
});

/** A claim whose lease has expired. */
async function expired(): Promise<string> {
  const { sql } = bundle.db;
  const id = await insertNotification(sql, { appId: bundle.appId, announced: false });
  const lease = { leaseToken: randomUUID(), leaseMs: -1 };
  await claimNotifications(sql, [id], { channel: 'email', provider: 'smtp', ...lease });
  return id;
}

test('leases that expired while no worker could renew count only after live workers could renew again', async () => {
  let now = 0;
  const duty = rescue({ sql: bundle.db.sql, wake: () => {}, monotonic: () => now });
  const after = async (ms: number, id: string) => {
    now += ms;
    await duty.runOnce();
    return (await stateOf(bundle.db.sql, id)).state;
  };
  const seen = await expired();
  expect(await after(1000, seen)).toBe('in_doubt');
  const id = await expired();
  expect(await after(10_000, id)).toBe('sending');
  expect(await after(3000, id)).toBe('sending');
  expect(await after(3000, id)).toBe('in_doubt');
});

test('a process that has just started waits like after an outage; one that is always slow does not wait forever', async () => {
  let now = 0;
  const duty = rescue({ sql: bundle.db.sql, wake: () => {}, justStarted: true, monotonic: () => now });
  const id = await expired();
  const states: string[] = [];
  for (; now < 40_000; now += 4500) {
    await duty.runOnce();
    states.push((await stateOf(bundle.db.sql, id)).state);
  }
  expect(states).toEqual([...new Array(7).fill('sending'), 'in_doubt', 'in_doubt']);
});
