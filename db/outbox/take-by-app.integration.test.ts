import { randomUUID } from 'node:crypto';
import type { Sql } from 'postgres';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { type TestDatabase, testDatabase } from '../../test/support/database.ts';
import { insertApp } from '../../test/support/rows.ts';
import { openDatabase } from '../connection/client.ts';
import { acceptNotifications, type NewNotification } from '../notifications/accept-notifications.ts';
import { takeOutbox } from './take-outbox.ts';

let database: TestDatabase;
let db: ReturnType<typeof openDatabase>;
let sql: Sql;
const apps: string[] = [];

beforeAll(async () => {
  database = await testDatabase();
  db = openDatabase({ url: database.url, name: 'test' });
  sql = db.sql;
  for (let n = 0; n < 3; n++) apps.push(await insertApp(sql));
});
afterAll(async () => {
  await db.close();
  await database.drop();
});
beforeEach(() => sql`delete from outbox`);

const announce = (app: string | null, rows: number) => sql`
  insert into outbox (lane, app_id, ids)
  select 'email-bulk', coalesce(${app}::uuid, '00000000-0000-0000-0000-000000000000'), array[gen_random_uuid()]
  from generate_series(1, ${rows})`;
const take = (limit: number) =>
  sql.begin((tx) => takeOutbox(tx, ['email-bulk', 'sms-bulk'], 0, limit, { byApp: true }));

test('a thousand rows of one app do not keep another one waiting: each gets the same share of a turn', async () => {
  await announce(apps[0]!, 1_000);
  await announce(apps[1]!, 3);
  await announce(apps[2]!, 30);
  expect(await take(15)).toHaveLength(5 + 3 + 5);
  const left = await sql`select app_id, count(*)::int as n from outbox group by app_id order by n`;
  expect(left.map(({ n }) => n)).toEqual([25, 995]);
});

test('what one app leaves of its share is for the others in the next turn, and an app alone gets all of it', async () => {
  await announce(apps[0]!, 40);
  expect(await take(15)).toHaveLength(15);
});

test('more apps than a turn has rows get one each', async () => {
  for (const app of apps) await announce(app, 4);
  expect(await take(2)).toHaveLength(3);
});

test('rows of a release that did not say whose they are take their turn as one more app', async () => {
  await announce(null, 10);
  await announce(apps[0]!, 10);
  expect(await take(8)).toHaveLength(8);
  expect(await sql`select from outbox where app_id = ${apps[0]!}`).toHaveLength(6);
});

test('a request in a bulk lane is announced with its app, also where requests of several apps share a statement', async () => {
  const row = (app_id: string, priority: 'bulk' | 'normal'): NewNotification => ({
    ...{ id: randomUUID(), app_id, environment: 'test', priority, channel: 'email', route: ['email'] },
    ...{ address: { email: 'ada@example.test' }, content: { subject: 'S', text: 'T' } },
    ...{ idempotency_key: randomUUID(), request_hash: `\\x${'00'.repeat(32)}` },
  });
  const rows = apps.flatMap((app) => [row(app, 'bulk'), row(app, 'bulk'), row(app, 'normal')]);
  await acceptNotifications(sql, rows, 0);
  const announced = await sql`
    select lane, app_id = any (${apps}::uuid[]) as known, cardinality(ids) as n from outbox order by lane, app_id`;
  expect(announced).toEqual([
    ...apps.map(() => ({ lane: 'email-bulk', known: true, n: 2 })),
    { lane: 'email-normal', known: false, n: 3 },
  ]);
});
