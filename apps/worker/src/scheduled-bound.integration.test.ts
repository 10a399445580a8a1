import type { Lane } from '@carillon/core/notification/lane';
import { settingsOf } from '@carillon/queue/topology';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type LaneBundle, laneBundle } from '../../../test/support/lanes.ts';
import { promote } from './maintenance/promote.ts';
import { relayOnce } from './relay.ts';

/** The worst lane: no chunks, so every notification is a job of some 900 bytes. */
const LANE: Lane = 'email-critical';
/** More than it holds. */
const MANY = 12_000;
const ROWS = 100;

let bundle: LaneBundle;
beforeAll(async () => {
  bundle = await laneBundle();
});
afterAll(() => bundle.close());

/** In the order in which they come due, each at a moment of its own within the horizon, none before the test ends. */
async function planMany(): Promise<string[]> {
  const rows = await bundle.db.sql<{ id: string }[]>`
    insert into notifications (id, app_id, state, environment, priority, channel, route, address, content,
      idempotency_key, request_hash, send_at, next_attempt_at)
    select gen_random_uuid(), ${bundle.appId}, 'scheduled', 'test', 'critical', 'email', '{email}', '{"email": "a@b.test"}',
      '{"text": "Hello"}', i::text, '\\x00', due, due
    from (
      select i, now() + interval '200 seconds' + i * interval '3 milliseconds' as due
      from generate_series(1, ${MANY}::int) i order by random()
    ) planned
    returning id, next_attempt_at`;
  expect(rows).toHaveLength(MANY);
  const ordered = await bundle.db.sql<
    { id: string }[]
  >`select id from notifications order by next_attempt_at`;
  return ordered.map((row) => row.id);
}
const { maxDepth } = settingsOf(LANE);
const queue = () => bundle.producer.queue(LANE);
const idsOf = async (state: 'delayed' | 'wait') =>
  (await queue().getJobs([state], 0, 2 * maxDepth)).map((job) => job.id!);
/** Relays until nothing moves any more. Returns the highest number of delayed jobs seen. */
async function relayAll(): Promise<number> {
  let most = 0;
  for (let moved = -1; moved !== 0; ) {
    moved = await relayOnce({
      sql: bundle.db.sql,
      producer: bundle.producer,
      lanes: [LANE],
      batchRows: ROWS,
    });
    most = Math.max(most, (await bundle.producer.depth(LANE)).delayed);
  }
  return most;
}

test('however many are planned for the same minutes, a lane holds a bounded number of jobs, and always the soonest', async () => {
  const planned = await planMany();
  expect(await promote({ sql: bundle.db.sql, wake: () => {} }).runOnce()).toBe(MANY);

  let begin = 0;
  while (begin < MANY) {
    const most = await relayAll();
    expect(most).toBeLessThan(maxDepth + ROWS);
    const soonest = planned.slice(begin, begin + most);
    expect((await idsOf('delayed')).sort()).toEqual(soonest.toSorted());
    // As if they had been sent.
    await queue().obliterate({ force: true });
    begin += most;
  }
  expect(begin).toBe(MANY);
  expect(await bundle.db.sql`select 1 from outbox`).toHaveLength(0);
}, 120_000);

test('a lane that is full of later jobs still takes what is due now', async () => {
  await bundle.db.sql`truncate notifications cascade`;
  const planned = await planMany();
  await promote({ sql: bundle.db.sql, wake: () => {} }).runOnce();
  await relayAll();
  const last = planned.at(-1)!;
  expect(await idsOf('wait')).toEqual([]);
  await bundle.db.sql`update outbox set available_at = now() where ${last} = any (ids)`;
  await relayAll();
  expect(await idsOf('wait')).toEqual([last]);
}, 120_000);
