import { randomUUID } from 'node:crypto';
import { FINAL_STATES, STATES, type State } from '@carillon/core/notification/states';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { type LaneBundle, laneBundle } from '../../../../test/support/lanes.ts';
import { acceptInLine } from '../../../../test/support/lines.ts';
import { insertApp, insertNotification } from '../../../../test/support/rows.ts';
import { prune } from './prune.ts';

let bundle: LaneBundle;
let appId: string;
beforeAll(async () => {
  bundle = await laneBundle({ counts: 'kept' });
});
beforeEach(async () => {
  await bundle.db.sql`delete from notifications`;
  appId = await insertApp(bundle.db.sql);
});
afterAll(() => bundle.close());

const duty = (over: Partial<Parameters<typeof prune>[0]> = {}) =>
  prune({ sql: bundle.db.sql, retentionDays: 30, inboxRetentionDays: 90, ...over });
const left = async () =>
  (await bundle.db.sql<{ id: string }[]>`select id from notifications order by created_at`).map(
    (row) => row.id,
  );
const daysAgo = (days: number) => new Date(Date.now() - days * 86_400_000);

/** In this state and last changed this many days ago; created a day earlier. */
async function aged(state: State, days: number): Promise<string> {
  const { sql } = bundle.db;
  const id = await insertNotification(sql, { appId, announced: false });
  await sql`alter table notifications disable trigger transition_guard`;
  await sql`
    update notifications set state = ${state}, created_at = ${daysAgo(days + 1)}, updated_at = ${daysAgo(days)},
      provider = 'smtp',
      next_attempt_at = ${['scheduled', 'retrying', 'in_doubt'].includes(state) ? daysAgo(days) : null},
      lease_token = ${state === 'sending' ? randomUUID() : null}, lease_until = ${state === 'sending' ? daysAgo(days) : null}
    where id = ${id}`;
  await sql`alter table notifications enable trigger transition_guard`;
  return id;
}

test('only final notifications older than the retention are removed; open ones stay, however old', async () => {
  const open = STATES.filter((state) => !FINAL_STATES.includes(state));
  const stays: string[] = [];
  for (const state of open) stays.push(await aged(state, 400));
  for (const state of FINAL_STATES) await aged(state, 31);
  for (const state of FINAL_STATES) stays.push(await aged(state, 29));
  expect(await duty().runOnce()).toBe(FINAL_STATES.length);
  expect((await left()).sort()).toEqual(stays.sort());
});

test('one that was created long ago but sent or bounced recently is kept for the whole retention time', async () => {
  const id = await aged('sent', 31);
  await bundle.db.sql`update notifications set state = 'delivered', updated_at = now() where id = ${id}`;
  await duty().runOnce();
  expect(await left()).toEqual([id]);
});

test('removing a notification removes its dependent rows, and its idempotency key may be used again', async () => {
  const { sql } = bundle.db;
  const [id, other] = await acceptInLine(sql, appId, [{ key: 'k' }, { key: 'k' }]);
  for (const each of [id!, other!]) {
    await sql`
      insert into delivery_attempts (notification_id, n, phase, channel, provider, outcome, finished_at, provider_message_id)
      values (${each}, 1, 'answered', 'email', 'smtp', 'accepted', now(), 'x')`;
    await sql`
      insert into notification_history (notification_id, state, actor, reason) values (${each}, 'sent', 'test', 'test')`;
    await sql`
      insert into attachments (notification_id, position, filename, content_type, content)
      values (${each}, 0, 'a.txt', 'text/plain', '\\x00')`;
  }
  await sql`
    update notifications set state = 'cancelled', created_at = ${daysAgo(31)}, updated_at = ${daysAgo(31)} where id = ${id!}`;
  const before = await sql`select * from notifications where id = ${id!}`;
  await duty().runOnce();
  const tables = ['delivery_attempts', 'notification_history', 'attachments', 'notification_order'];
  for (const table of tables) {
    const rows =
      await sql`select notification_id from ${sql(table)} where notification_id in (${id!}, ${other!})`;
    expect(rows, table).toEqual([{ notification_id: other }]);
  }
  await sql`insert into notifications ${sql(before.map(({ rare_state: _, ...row }) => row))}`;
  expect(await left()).toContain(id);
});

test('a long backlog is removed over several short turns, on several nodes, each row once', async () => {
  const { sql } = bundle.db;
  await sql`
    insert into notifications (id, app_id, state, environment, priority, channel, route, address, content,
      idempotency_key, request_hash, provider, created_at, updated_at)
    select gen_random_uuid(), ${appId}, 'sent', 'test', 'bulk', 'email', '{email}', '{"email": "a@b.test"}',
      '{"text": "Hello"}', i::text, '\\x00', 'smtp', at, at
    from (select i, now() - interval '31 days' - i * interval '4 minutes' as at from generate_series(1, 3000) i) past`;
  const nodes = [duty({ budgetMs: 30 }), duty({ budgetMs: 30 })];
  const newest = (await left()).at(-1);
  let total = 0;
  let turns = 0;
  for (; (await left()).length > 0; turns++) {
    // The oldest are removed first, so the newest is among those that are left.
    expect((await left()).at(-1)).toBe(newest);
    for (const count of await Promise.all(nodes.map((node) => node.runOnce()))) total += count;
  }
  expect(total).toBe(3000);
  expect(turns).toBeGreaterThan(2);
});

test('a locked row is not waited for', async () => {
  const { sql } = bundle.db;
  const held = await aged('dead', 31);
  const free = await aged('dead', 31);
  await sql.begin(async (tx) => {
    await tx`select 1 from notifications where id = ${held} for update`;
    expect(await duty().runOnce()).toBe(1);
    expect(await left()).toEqual([held]);
  });
  expect(await left()).not.toContain(free);
  expect(await duty().runOnce()).toBe(1);
});

test('in-app messages belong to the person: they outlive their notification, with a retention time of their own', async () => {
  const { sql } = bundle.db;
  await sql`insert into recipients (app_id, environment, id) values (${appId}, 'test', 'ada')`;
  const store = (days: number) => sql<{ id: string }[]>`
    insert into inbox_messages (notification_id, app_id, environment, recipient_id, title, body, created_at)
    values (gen_random_uuid(), ${appId}, 'test', 'ada', 'Hello', 'Ada', ${daysAgo(days)}) returning notification_id as id`;
  for (const days of [91, 120, 400]) await store(days);
  const [kept] = await store(89);
  expect(await duty().runOnce()).toBe(3);
  expect(await sql`select notification_id as id from inbox_messages`).toEqual([kept]);
});

test('old receipts, counts of caps, events and expired sessions are removed; those still needed stay', async () => {
  const { sql } = bundle.db;
  const log = (days: number) => sql`
    insert into provider_logs (provider_account, event_id, kind, body, received_at)
    values ('twilio', ${`${days} days`}, 'receipt', '{}', ${daysAgo(days)})`;
  await log(31);
  await log(29);
  for (const days of [33, 31])
    await sql`
      insert into cap_uses (notification_id, app_id, environment, recipient_id, channel, at)
      values (gen_random_uuid(), ${appId}, 'test', ${`${days} days`}, 'email', ${daysAgo(days)})`;
  const [open] = await sql<{ id: string }[]>`
    insert into events (app_id, environment, type, data, created_at)
    values (${appId}, 'test', 'open', '{}', ${daysAgo(31)}) returning id`;
  await sql`
    insert into event_deliveries (event_id, endpoint_id, next_try_at) values (${open!.id}, gen_random_uuid(), now())`;
  for (const days of [31, 29])
    for (const environment of ['live', 'test'])
      await sql`
        insert into events (app_id, environment, type, data, created_at)
        values (${appId}, ${environment}, ${`${days} days`}, '{}', ${daysAgo(days)})`;
  await sql`
    insert into staff (id, email) values ('11111111-1111-8111-8111-111111111111', 'a@b.test')`;
  for (const hours of [-1, 1])
    await sql`
      insert into staff_logins (token, staff_id, expires_at)
      values (${String(hours)}, '11111111-1111-8111-8111-111111111111', now() + ${hours} * interval '1 hour')`;

  expect(await duty().runOnce()).toBe(5);
  expect(await sql`select event_id from provider_logs`).toEqual([{ event_id: '29 days' }]);
  expect(await sql`select recipient_id from cap_uses`).toEqual([{ recipient_id: '31 days' }]);
  const events = await sql`select type from events where app_id = ${appId} order by type`;
  expect(events.map((row) => row.type)).toEqual(['29 days', '29 days', 'open']);
  expect(await sql`select token from staff_logins`).toEqual([{ token: '1' }]);
});

test('imports without a change for 30 days are removed with their errors, in portions; younger ones stay', async () => {
  const { sql } = bundle.db;
  const make = async (days: number, errors: number): Promise<string> => {
    const [row] = await sql<[{ id: string }]>`
      insert into imports (id, app_id, environment, format, mode, actor, updated_at)
      values (${randomUUID()}, ${appId}, 'live', 'csv', 'upsert', 'test', ${daysAgo(days)}) returning id`;
    await sql`
      insert into import_errors (app_id, environment, import_id, line, n, kind, path, message)
      select ${appId}, 'live', ${row.id}, line, 0, 'invalid_email', 'email', 'm' from generate_series(1, ${errors}::int) line`;
    return row.id;
  };
  await make(31, 1_200);
  const young = await make(29, 2);
  await duty({ retentionDays: 90 }).runOnce();
  expect(await sql`select id from imports where app_id = ${appId}`).toEqual([{ id: young }]);
  const [kept] = await sql`select count(*)::int as count from import_errors where app_id = ${appId}`;
  expect(kept).toEqual({ count: 2 });
});
