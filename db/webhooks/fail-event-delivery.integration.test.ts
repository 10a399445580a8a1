import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type TestDatabase, testDatabase } from '../../test/support/database.ts';
import { insertApp } from '../../test/support/rows.ts';
import { type Database, openDatabase } from '../connection/client.ts';
import { failEventDelivery } from './event-tries.ts';

let database: TestDatabase;
let db: Database;
let appId: string;

beforeAll(async () => {
  database = await testDatabase();
  db = openDatabase({ url: database.url, name: 'fail-event-delivery', connections: 1 });
  appId = await insertApp(db.sql);
});
afterAll(async () => {
  await db?.close();
  await database?.drop();
});

async function endpoint(): Promise<string> {
  const [row] = await db.sql<[{ id: string }]>`
    insert into webhook_endpoints (id, app_id, environment, url, secret, data_key, key_id)
    values (${randomUUID()}, ${appId}, 'test', 'https://example.test/', '\\x00', '\\x00', 'k') returning id`;
  return row.id;
}

/** An event and its delivery to each of these, leased and due. */
async function deliveries(endpoints: readonly string[]): Promise<string> {
  const [event] = await db.sql<[{ id: string }]>`
    insert into events (app_id, environment, type, data) values (${appId}, 'test', 'notification.sent', '{}') returning id`;
  for (const id of endpoints)
    await db.sql`insert into event_deliveries (event_id, endpoint_id, next_try_at, lease_until, tries)
      values (${event.id}, ${id}, now(), now() + interval '1 minute', 2)`;
  return event.id;
}
const rowOf = async (eventId: string, endpointId: string) => {
  const [row] = await db.sql`
    select state, tries, next_try_at, lease_until is not null as leased, last_error
    from event_deliveries where event_id = ${eventId} and endpoint_id = ${endpointId}`;
  return row;
};

test('a delivery that cannot continue ends as failed with its reason; the event goes on to other endpoints', async () => {
  const [first, second] = [await endpoint(), await endpoint()];
  const eventId = await deliveries([first, second]);
  expect(await failEventDelivery(db.sql, { eventId, endpointId: first }, 'it cannot be stored')).toBe(true);
  expect(await rowOf(eventId, first)).toEqual({
    state: 'failed',
    tries: 2,
    next_try_at: null,
    leased: false,
    last_error: 'it cannot be stored',
  });
  expect(await rowOf(eventId, second)).toMatchObject({ state: 'pending', leased: true, last_error: null });
});

test('a delivery that has already ended keeps its end', async () => {
  const endpointId = await endpoint();
  const eventId = await deliveries([endpointId]);
  await db.sql`update event_deliveries set state = 'delivered', next_try_at = null where event_id = ${eventId}`;
  expect(await failEventDelivery(db.sql, { eventId, endpointId }, 'too late')).toBe(false);
  expect(await rowOf(eventId, endpointId)).toMatchObject({ state: 'delivered', last_error: null });
});
