import { afterAll, beforeAll, expect, test } from 'vitest';
import { type LaneBundle, laneBundle } from '../../../../test/support/lanes.ts';
import { insertNotification, stateOf } from '../../../../test/support/rows.ts';
import { promote } from './promote.ts';

let bundle: LaneBundle;
beforeAll(async () => {
  bundle = await laneBundle();
});
afterAll(() => bundle.close());

const scheduled = (inMs: number) => {
  const at = new Date(Date.now() + inMs);
  return insertNotification(bundle.db.sql, {
    appId: bundle.appId,
    state: 'scheduled',
    nextAttemptAt: at,
    sendAt: at,
  });
};
const outbox = () =>
  bundle.db.sql<{ ids: string[]; available_at: Date }[]>`select ids, available_at from outbox`;

test('what comes due within the horizon is released once, for its own time; the rest stays in PostgreSQL', async () => {
  const soon = await scheduled(60_000);
  const late = await scheduled(3_600_000);
  const duty = promote({ sql: bundle.db.sql, wake: () => {} });
  const counts = await Promise.all([duty.runOnce(), duty.runOnce(), duty.runOnce()]);
  expect(counts.reduce((sum, count) => sum + count, 0)).toBe(1);
  const rows = await outbox();
  expect(rows.map((row) => row.ids)).toEqual([[soon]]);
  expect(rows[0]!.available_at).toEqual((await stateOf(bundle.db.sql, soon)).next_attempt_at);
  expect((await stateOf(bundle.db.sql, late)).state).toBe('scheduled');
  expect(await duty.runOnce()).toBe(0);
});

test('many sends for the same moment share outbox rows of a hundred', async () => {
  await bundle.db.sql`delete from outbox`;
  const at = new Date(Date.now() + 30_000);
  const one = {
    appId: bundle.appId,
    state: 'scheduled',
    priority: 'bulk',
    nextAttemptAt: at,
    sendAt: at,
  } as const;
  await Promise.all(Array.from({ length: 250 }, () => insertNotification(bundle.db.sql, one)));
  expect(await promote({ sql: bundle.db.sql, wake: () => {} }).runOnce()).toBe(250);
  expect((await outbox()).map((row) => row.ids.length).sort((a, b) => a - b)).toEqual([50, 100, 100]);
});
