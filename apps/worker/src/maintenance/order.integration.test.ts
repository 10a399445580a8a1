import { randomUUID } from 'node:crypto';
import { claimNotifications, explainRefusals } from '@carillon/db/attempts/claim-notifications';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { type LaneBundle, laneBundle } from '../../../../test/support/lanes.ts';
import { acceptInLine } from '../../../../test/support/lines.ts';
import { insertApp } from '../../../../test/support/rows.ts';
import { order } from './order.ts';

let bundle: LaneBundle;
let appId: string;
beforeAll(async () => {
  bundle = await laneBundle({ counts: 'kept' });
});
beforeEach(async () => {
  appId = await insertApp(bundle.db.sql);
});
afterAll(() => bundle.close());

/** An ordering queue whose front was just sent by a worker that died before announcing the next; the rest is parked. */
async function orphanedLine(key: string, length = 3): Promise<string[]> {
  const { sql } = bundle.db;
  const ids = await acceptInLine(
    sql,
    appId,
    Array.from({ length }, () => ({ key })),
  );
  await claimNotifications(sql, ids, {
    channel: 'email',
    provider: 'smtp',
    leaseToken: randomUUID(),
    leaseMs: 30_000,
  });
  await explainRefusals(sql, ids.slice(1));
  await sql`delete from outbox`;
  await sql`update notifications set state = 'sent', lease_token = null, lease_until = null where id = ${ids[0]!}`;
  return ids;
}
const announced = async () =>
  (await bundle.db.sql<{ ids: string[] }[]>`select ids from outbox`).flatMap((row) => row.ids);

test('an ordering queue whose front ended unnoticed is advanced, once, however many nodes look', async () => {
  const ids = await orphanedLine('k');
  const woken: string[] = [];
  const duties = Array.from({ length: 4 }, () =>
    order({ sql: bundle.db.sql, wake: (priority) => woken.push(priority) }),
  );
  const released = await Promise.all(duties.map((duty) => duty.runOnce()));
  expect(released.reduce((sum, count) => sum + count, 0)).toBe(1);
  expect(await announced()).toEqual([ids[1]]);
  expect(woken).toEqual(['normal']);
});

test('more ordering queues than fit in a turn are all seen, turn by turn', async () => {
  const fronts = [];
  for (let k = 0; k < 7; k++) fronts.push((await orphanedLine(`k${k}`))[1]!);
  await bundle.db.sql`delete from outbox`;
  const duty = order({ sql: bundle.db.sql, wake: () => {}, batch: 3 });
  for (let turn = 0; turn < 4; turn++) await duty.runOnce();
  expect((await announced()).sort()).toEqual(fronts.sort());
});

test('a front that is being sent, planned or waiting for its retry is left alone', async () => {
  const { sql } = bundle.db;
  const ids = await orphanedLine('k');
  const due = new Date(Date.now() + 60_000);
  await sql`update notifications set state = 'queued', queued_at = now() where id = ${ids[1]!}`;
  await sql`
    update notifications set state = 'sending', lease_token = ${randomUUID()}, lease_until = now() where id = ${ids[1]!}`;
  const duty = order({ sql, wake: () => {} });
  expect(await duty.runOnce()).toBe(0);
  await sql`
    update notifications set state = 'retrying', lease_token = null, lease_until = null, next_attempt_at = ${due}
    where id = ${ids[1]!}`;
  expect(await duty.runOnce()).toBe(0);
  expect(await announced()).toEqual([]);
});
