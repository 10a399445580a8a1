import { HORIZON_MS } from '@carillon/core/notification/horizon';
import { releaseScheduled } from '@carillon/db/outbox/scheduled';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { type LaneBundle, laneBundle } from '../../../../test/support/lanes.ts';
import { insertNotification, stateOf } from '../../../../test/support/rows.ts';
import { until } from '../../../../test/support/until.ts';
import { promote } from './promote.ts';

let bundle: LaneBundle;
beforeAll(async () => {
  bundle = await laneBundle();
});
beforeEach(async () => {
  await bundle.db.sql`delete from outbox`;
  await bundle.db.sql`delete from notifications`;
});
afterAll(() => bundle.close());

type Over = Partial<Parameters<typeof insertNotification>[1]>;
const scheduledAt = (at: Date, over: Over = {}) =>
  insertNotification(bundle.db.sql, {
    appId: bundle.appId,
    state: 'scheduled',
    nextAttemptAt: at,
    sendAt: at,
    ...over,
  });
const scheduled = (inMs: number, over: Over = {}) => scheduledAt(new Date(Date.now() + inMs), over);
const outbox = () =>
  bundle.db.sql<{ ids: string[]; available_at: Date; kind: string }[]>`
    select ids, available_at, kind from outbox order by available_at`;
const duty = (page?: number) => promote({ sql: bundle.db.sql, wake: () => {}, ...(page ? { page } : {}) });

test('notifications due within the horizon are released once, for their own time; the rest stays in PostgreSQL', async () => {
  const soon = await scheduled(60_000, { priority: 'critical' });
  const late = await scheduled(3_600_000);
  const service = duty();
  const counts = await Promise.all([service.runOnce(), service.runOnce(), service.runOnce()]);
  expect(counts.reduce((sum, count) => sum + count, 0)).toBe(1);
  const rows = await outbox();
  expect(rows.map((row) => row.ids)).toEqual([[soon]]);
  expect(rows[0]!.available_at).toEqual((await stateOf(bundle.db.sql, soon)).next_attempt_at);
  expect((await stateOf(bundle.db.sql, late)).state).toBe('scheduled');
  expect(await service.runOnce()).toBe(0);
});

test('one that several promoters have seen is released by one of them', async () => {
  const id = await scheduled(60_000);
  const release = () => releaseScheduled(bundle.db.sql, [id], HORIZON_MS);
  expect([await release(), await release()]).toEqual([1, 0]);
  expect(await outbox()).toHaveLength(1);
});

test('many sends for the same moment share outbox rows of a hundred', async () => {
  const at = new Date(Date.now() + 30_000);
  await Promise.all(Array.from({ length: 250 }, () => scheduledAt(at, { priority: 'bulk' })));
  expect(await duty().runOnce()).toBe(250);
  expect((await outbox()).map((row) => row.ids.length).sort((a, b) => a - b)).toEqual([50, 100, 100]);
});

test('those of the same second come due together at its end; critical and short-lived ones at their own moment', async () => {
  const second = Math.ceil(Date.now() / 1000) * 1000 + 30_000;
  const at = (ms: number) => new Date(second + ms);
  const whole = await scheduledAt(at(0));
  const within = await Promise.all([1, 400, 999, 1000].map((ms) => scheduledAt(at(ms))));
  const critical = await scheduledAt(at(300), { priority: 'critical' });
  const brief = await scheduledAt(at(500), { expiresAt: at(5000) });
  await duty().runOnce();
  const rows = (await outbox()).map((row) => [row.available_at.getTime() - second, row.ids.toSorted()]);
  expect(rows).toEqual([
    [0, [whole]],
    [300, [critical]],
    [500, [brief]],
    [1000, within.toSorted()],
  ]);
});

test('more than a page at the same moment is released in one turn, and the soonest first', async () => {
  const at = new Date(Date.now() + 60_000);
  const many = await Promise.all(Array.from({ length: 45 }, () => scheduledAt(at)));
  const first = await scheduled(10_000);
  expect(await duty(10).runOnce()).toBe(46);
  const rows = await bundle.db.sql<{ ids: string[] }[]>`select ids from outbox order by id`;
  // The first page makes two rows, one for each moment, in either order.
  expect(rows.slice(0, 2).flatMap((row) => row.ids)).toContain(first);
  expect(rows.flatMap((row) => row.ids).sort()).toEqual([first, ...many].sort());
});

test('notifications that the horizon reaches later are released then, and those that fall behind it a few turns later', async () => {
  const service = duty();
  await service.runOnce();
  const next = await scheduled(HORIZON_MS + 1000);
  expect(await service.runOnce()).toBe(0);
  await until('the horizon to reach it', async () => (await service.runOnce()) > 0);
  const held = await scheduled(60_000);
  for (let turn = 0; turn < 3; turn++) await service.runOnce();
  expect((await outbox()).flatMap((row) => row.ids)).toEqual([held, next]);
});

test('one that changed since it was accepted may have an old job, which the relay must replace', async () => {
  const fresh = await scheduled(60_000);
  const held = await scheduled(61_000);
  await bundle.db.sql`update notifications set updated_at = now() + interval '1 second' where id = ${held}`;
  await duty().runOnce();
  const kinds = new Map((await outbox()).map((row) => [row.ids[0], row.kind]));
  expect(kinds).toEqual(
    new Map([
      [fresh, 'delivery.requested'],
      [held, 'delivery.resumed'],
    ]),
  );
});
