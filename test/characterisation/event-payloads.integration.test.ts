import { randomUUID } from 'node:crypto';
import type { State } from '@carillon/core/notification/states';
import type { ReceiptKind } from '@carillon/core/provider/receipt';
import { EVENT_TYPES, type EventType } from '@carillon/core/webhook/event';
import { emitCampaignEvent } from '@carillon/db/campaigns/emit-event';
import { type Database, openDatabase } from '@carillon/db/connection/client';
import { recordEventTries } from '@carillon/db/webhooks/event-tries';
import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { apiUnderTest } from '../support/api.ts';
import { type TestDatabase, testDatabase } from '../support/database.ts';
import { insertNotification } from '../support/rows.ts';
import { type ReceiptWorld, receiptWorld } from './receipt-world.ts';

const OF_STATES: readonly State[] = [
  'sent',
  'delivered',
  'failed',
  'dead',
  'in_doubt',
  'suppressed',
  'expired',
];
const OF_RECEIPTS: readonly [ReceiptKind, EventType][] = [
  ['bounced', 'notification.bounced'],
  ['soft_bounced', 'notification.bounced'],
  ['complained', 'notification.complained'],
  ['opened', 'notification.opened'],
  ['clicked', 'notification.clicked'],
];

let database: TestDatabase;
let db: Database;
let world: ReceiptWorld;
/** The fault of an event by its published schema; null if there is none. */
let wrongWith: (type: string, data: unknown) => string | null;
const emitted = new Set<string>();

beforeAll(async () => {
  database = await testDatabase();
  db = openDatabase({ url: database.url, name: 'test' });
  world = await receiptWorld(db.sql);
  await db.sql`
    insert into webhook_endpoints (app_id, environment, url, secret, data_key, key_id)
    values (${world.appId}, 'test', 'https://customer.test/hooks', '\\x00', '\\x00', 'k')`;
  const api = await apiUnderTest(database.url);
  const { body } = await api.request('GET', '/openapi.json', undefined, { key: null });
  await api.close();
  wrongWith = checkerOf(body);
});
afterAll(async () => {
  await db.close();
  await database.drop();
});

interface Published {
  properties: Record<string, unknown>;
}

function checkerOf(document: {
  components: unknown;
  webhooks: Record<
    string,
    { post: { requestBody: { content: Record<string, { schema: { properties: { data: Published } } }> } } }
  >;
}): typeof wrongWith {
  const ajv = new Ajv2020({ strict: false, allErrors: true });
  (addFormats as unknown as (to: Ajv2020) => void)(ajv);
  return (type, data) => {
    const schema =
      document.webhooks[type]?.post.requestBody.content['application/json']?.schema.properties.data;
    if (!schema) return `${type} is not published`;
    // A field that is written and not published is a fault, too.
    const { components } = document;
    return ajv.validate({ ...schema, components, additionalProperties: false }, data)
      ? null
      : ajv.errorsText(ajv.errors);
  };
}

async function eventsOf(notification: string | null, type: string): Promise<Record<string, unknown>[]> {
  const rows = await db.sql<{ data: Record<string, unknown> }[]>`
    select data from events where notification_id is not distinct from ${notification} and type = ${type} order by created_at`;
  if (rows.length > 0) emitted.add(type);
  return rows.map(({ data }) => data);
}

/** A notification with every field that an event can show. */
async function fullOne(): Promise<string> {
  const person = await world.person('email');
  const id = await insertNotification(db.sql, { appId: world.appId, announced: false });
  await db.sql`
    update notifications
    set recipient_id = ${person.id}, category = 'News', campaign_id = ${randomUUID()}, provider = 'mails',
        provider_message_id = 'their-1', attempt_count = 2, error_code = 'C1', error = 'words',
        options = ${db.sql.json({ metadata: { order: 'A-17' } })}
    where id = ${id}`;
  return id;
}

const EVERY_FIELD = [
  'attempts',
  'campaign_id',
  'category',
  'channel',
  'created_at',
  'error',
  'metadata',
  'notification_id',
  'priority',
  'provider',
  'provider_message_id',
  'recipient_id',
  'status',
];

describe('a change of state', () => {
  test.each(OF_STATES)('to %s is announced as published, with every field', async (state) => {
    const id = await fullOne();
    await db.sql`update notifications set state = ${state} where id = ${id}`;
    const [data, ...more] = await eventsOf(id, `notification.${state}`);
    expect(more).toEqual([]);
    expect(wrongWith(`notification.${state}`, data)).toBeNull();
    expect(Object.keys(data!).sort()).toEqual(EVERY_FIELD);
    expect(data).toMatchObject({
      notification_id: id,
      status: state,
      attempts: 2,
      error: { code: 'C1', message: 'words' },
      metadata: { order: 'A-17' },
    });
  });

  test('of a notification with the fewest fields is announced as published', async () => {
    const id = await insertNotification(db.sql, { appId: world.appId, announced: false });
    await db.sql`update notifications set state = 'expired' where id = ${id}`;
    const [data] = await eventsOf(id, 'notification.expired');
    expect(wrongWith('notification.expired', data)).toBeNull();
    expect(Object.keys(data!).sort()).toEqual([
      'attempts',
      'channel',
      'created_at',
      'notification_id',
      'priority',
      'status',
    ]);
  });

  test.each(['queued', 'sending', 'retrying', 'skipped', 'cancelled'] as const)(
    'to %s is not told',
    async (state) => {
      const id = await fullOne();
      await db.sql`
      update notifications
      set state = ${state}, next_attempt_at = ${state === 'retrying' ? new Date() : null}, queued_at = now(),
          lease_token = ${state === 'sending' ? randomUUID() : null}, lease_until = ${state === 'sending' ? new Date() : null}
      where id = ${id}`;
      expect(await db.sql`select type from events where notification_id = ${id}`).toEqual([]);
    },
  );
});

describe('a receipt', () => {
  test.each(OF_RECEIPTS)('%s is announced as %s, as published', async (kind, type) => {
    const person = await world.person('email');
    const message = await world.sent(person);
    await world.receive(person, kind, { message });
    const [data, ...more] = await eventsOf(message, type);
    expect(more).toEqual([]);
    expect(wrongWith(type, data)).toBeNull();
    expect(data).toMatchObject({
      notification_id: message,
      channel: 'email',
      recipient_id: person.id,
      category: 'News',
      provider: 'mails',
      ...(type === 'notification.bounced'
        ? { permanent: kind === 'bounced', code: 'C1', detail: 'words' }
        : {}),
      ...(kind === 'clicked' ? { url: 'https://shop.test/x' } : {}),
      ...(kind === 'opened' || kind === 'clicked' ? { machine: false } : {}),
    });
  });

  test('of any other kind is announced by the state alone', async () => {
    for (const kind of ['delayed', 'failed', 'opted_out', 'unsubscribed'] as const) {
      const person = await world.person('email');
      const message = await world.sent(person);
      await world.receive(person, kind, { message });
      const types = await db.sql<{ type: string }[]>`
        select distinct type from events where notification_id = ${message} and type not in ('notification.sent')`;
      const states = { delayed: [], failed: ['failed'], opted_out: ['failed'], unsubscribed: ['delivered'] }[
        kind
      ];
      expect(
        types.map(({ type }) => type),
        kind,
      ).toEqual(states.map((state) => `notification.${state}`));
    }
  });
});

test.each(['seen', 'read'] as const)(
  'a message that is %s in the inbox is announced as published',
  async (kind) => {
    const person = await world.person('in_app');
    const message = await world.sent(person);
    await world.receive(person, kind, { message });
    const [data] = await eventsOf(message, `notification.${kind}`);
    expect(wrongWith(`notification.${kind}`, data)).toBeNull();
    expect(data).toMatchObject({ notification_id: message, channel: 'in_app', recipient_id: person.id });
  },
);

test('a breaker that opens and closes is announced to every app with an endpoint, as published', async () => {
  await db.sql`insert into circuit_breakers (account, channel) values ('mails', 'email')`;
  await db.sql`
    update circuit_breakers set state = 'open', probe_at = now(), reason = 'it fails' where account = 'mails'`;
  await db.sql`update circuit_breakers set state = 'half_open' where account = 'mails'`;
  await db.sql`update circuit_breakers set state = 'closed', reason = null where account = 'mails'`;
  const opened = await eventsOf(null, 'provider.circuit_opened');
  const closed = await eventsOf(null, 'provider.circuit_closed');
  expect(opened).toEqual([{ account: 'mails', channel: 'email', reason: 'it fails', by_hand: false }]);
  expect(closed).toEqual([{ account: 'mails', channel: 'email', by_hand: false }]);
  expect(wrongWith('provider.circuit_opened', opened[0])).toBeNull();
  expect(wrongWith('provider.circuit_closed', closed[0])).toBeNull();
});

test("an endpoint that is disabled is announced to the app's other endpoints, as published", async () => {
  const [gone] = await db.sql<[{ id: string }]>`
    insert into webhook_endpoints (app_id, environment, url, secret, data_key, key_id)
    values (${world.appId}, 'test', 'https://gone.test/hooks', '\\x00', '\\x00', 'k') returning id`;
  const ended = { tries: 1, status: 410, error: null, latencyMs: 5, retryInMs: null };
  const end = { ...ended, delivered: false, gone: true, blameless: false, eventId: randomUUID() };
  await recordEventTries(db.sql, [{ ...end, endpointId: gone.id }], 1_000);
  const [data] = await eventsOf(null, 'webhook_endpoint.disabled');
  expect(wrongWith('webhook_endpoint.disabled', data)).toBeNull();
  expect(data).toEqual({
    endpoint_id: gone.id,
    url: 'https://gone.test/hooks',
    reason: 'it answered 410 Gone',
  });
});

test.each(['campaign.completed', 'campaign.paused', 'campaign.failed'] as const)(
  'a campaign announces %s as published',
  async (type) => {
    const [{ id }] = await db.sql<[{ id: string }]>`
      insert into campaigns (id, app_id, environment, name, state, definition, reason, created_by)
      values (gen_random_uuid(), ${world.appId}, 'test', 'News', 'paused', '{}', 'a wrong link', 'test') returning id`;
    await db.sql.begin((tx) => emitCampaignEvent(tx, id, type));
    const [data] = await eventsOf(null, type);
    expect(wrongWith(type, data)).toBeNull();
    expect(data).toMatchObject({
      campaign_id: id,
      name: 'News',
      reason: 'a wrong link',
      counts: { planned: 0 },
    });
  },
);

test('every published event is emitted by something', () => {
  const published = Object.keys(EVENT_TYPES);
  expect([...emitted].sort()).toEqual(published.sort());
});
