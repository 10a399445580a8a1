import { randomUUID } from 'node:crypto';
import { INBOX_ACTIONS, type InboxOwner } from '@carillon/core/inbox/message';
import { producerConnection } from '@carillon/queue/connection';
import { inboxPublisher } from '@carillon/queue/inbox-signals';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type TestDatabase, testDatabase } from '../../../../test/support/database.ts';
import { type EventClient, openEvents, type StreamEvent } from '../../../../test/support/event-stream.ts';
import { deliverInApp, insertRecipient } from '../../../../test/support/inbox-rows.ts';
import { type TestRedis, testRedis } from '../../../../test/support/redis.ts';
import { type ServedApi, servedApi } from '../../../../test/support/served-api.ts';
import { until } from '../../../../test/support/until.ts';

/**
 * Invariant 19: the unread count equals the number of unread rows, always; a client that was away sees every message and
 * every change once, in order, when it comes back.
 */
const env = {
  ENCRYPTION_KEYS: `k1:${Buffer.alloc(32, 7).toString('base64')}`,
  RATE_LIMIT_PER_SECOND: '100000',
};

let database: TestDatabase;
let redis: TestRedis;
let apis: ServedApi[];
let signal: (owner: InboxOwner) => void;
const ends: (() => unknown)[] = [];
beforeAll(async () => {
  database = await testDatabase();
  redis = testRedis();
  apis = [await servedApi(database.url, { env, redis }), await servedApi(database.url, { env, redis })];
  const producer = producerConnection(redis.url, 'test');
  ends.push(() => producer.disconnect());
  await until('Redis', () => producer.status === 'ready');
  signal = inboxPublisher(producer, redis.namespace);
});
afterAll(async () => {
  for (const end of ends) await end();
  for (const api of apis ?? []) await api.close();
  await redis?.clean();
  await database?.drop();
});

type Message = StreamEvent['data'];

/** One client, over all its connections: what it knows by events alone. */
class Client {
  readonly events: StreamEvent[] = [];
  readonly known = new Map<string, Message>();
  counts = { unread_count: 0, unseen_count: 0 };
  position = 0;
  stream: EventClient | null = null;

  async connect(api: ServedApi, token: string): Promise<void> {
    await this.disconnect();
    const headers = { authorization: `Bearer ${token}`, 'last-event-id': String(this.position) };
    this.stream = await openEvents(`${api.url}/v1/inbox/stream`, headers, (event) => this.take(event));
    if (this.stream.status !== 200) throw new Error(`the stream was answered ${this.stream.status}`);
  }

  async disconnect(): Promise<void> {
    await this.stream?.close();
    this.stream = null;
  }

  private take(event: StreamEvent): void {
    this.events.push(event);
    if (event.id !== null) this.position = event.id;
    if (event.type === 'counts') this.counts = event.data;
    else if (event.type === 'message' || event.type === 'changed') this.known.set(event.data.id, event.data);
  }
}

const CLIENTS = 3;
const step = fc.oneof(
  { weight: 4, arbitrary: fc.record({ do: fc.constant('deliver' as const) }) },
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constant('act' as const),
      action: fc.constantFrom(...INBOX_ACTIONS),
      which: fc.nat(20),
      at: fc.nat(1),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant('all' as const),
      to: fc.constantFrom('read', 'seen'),
      at: fc.nat(1),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant('snooze' as const),
      which: fc.nat(20),
      end: fc.boolean(),
      at: fc.nat(1),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({ do: fc.constant('connect' as const), client: fc.nat(CLIENTS - 1), at: fc.nat(1) }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('leave' as const), client: fc.nat(CLIENTS - 1) }) },
);
type Step = typeof step extends fc.Arbitrary<infer S> ? S : never;

test('three clients that come and go end with the rows, after every event once and in order', async () => {
  const { sql } = apis[0]!.db;
  const play = async (steps: readonly Step[], together: boolean): Promise<void> => {
    const owner = await insertRecipient(sql, apis[0]!.appId, `user_${randomUUID()}`);
    const tokens = `/v1/recipients/${owner.recipientId}/tokens`;
    const { token } = (await apis[0]!.request('POST', tokens, {})).body;
    const clients = Array.from({ length: CLIENTS }, () => new Client());
    const ids: string[] = [];
    const post = async (at: number, path: string, body?: unknown): Promise<void> => {
      const answer = await apis[at]!.request('POST', `/v1/inbox/${path}`, body, { key: token });
      expect(answer.status, JSON.stringify(answer.body)).toBe(200);
    };
    const take = async (each: Step): Promise<void> => {
      if (each.do === 'deliver') {
        ids.push(await deliverInApp(sql, owner, { title: `message ${ids.length}` }));
        signal(owner);
      } else if (each.do === 'connect') await clients[each.client]!.connect(apis[each.at]!, token);
      else if (each.do === 'leave') await clients[each.client]!.disconnect();
      else if (each.do === 'all') await post(each.at, `${each.to}-all`);
      else if (ids.length > 0) {
        const id = ids[each.which % ids.length]!;
        if (each.do === 'act') await post(each.at, `${id}/${each.action}`);
        else
          await post(each.at, `${id}/snooze`, {
            until: each.end ? null : new Date(Date.now() + 3600_000).toISOString(),
          });
      }
    };
    // One after the other, or three at a time.
    for (let at = 0; at < steps.length; at += together ? 3 : 1) {
      const next = steps.slice(at, at + (together ? 3 : 1));
      const own = next.filter((each) => 'client' in each);
      await Promise.all(next.filter((each) => !('client' in each)).map(take));
      for (const each of own) await take(each);
    }

    for (const [n, client] of clients.entries()) await client.connect(apis[n % 2]!, token);
    const list = await apis[0]!.request('GET', '/v1/inbox?limit=200', undefined, { key: token });
    const { sequence, unread_count, unseen_count } = list.body;
    await until('all clients to have caught up', () =>
      clients.every(({ position, events }) => position >= sequence && events.at(-1)?.type === 'counts'),
    );
    const rows = await sql<{ id: string; unread: boolean; unseen: boolean; sequence: number }[]>`
      select notification_id as id, read_at is null and archived_at is null and snoozed_until is null as unread,
        seen_at is null and archived_at is null and snoozed_until is null as unseen, sequence::float8 as sequence
      from inbox_messages where recipient_id = ${owner.recipientId}`;
    expect(unread_count).toBe(rows.filter(({ unread }) => unread).length);
    expect(unseen_count).toBe(rows.filter(({ unseen }) => unseen).length);
    for (const client of clients) {
      expect(client.counts).toEqual({ unread_count, unseen_count });
      expect([...client.known.values()].map((message) => [message.id, message.sequence]).sort()).toEqual(
        rows.map((row) => [row.id, row.sequence]).sort(),
      );
      const changes = client.events.filter(({ type }) => type === 'message' || type === 'changed');
      const numbers = changes.map(({ id }) => id!);
      expect(numbers).toEqual([...new Set(numbers)].sort((a, b) => a - b));
      const stored = changes.flatMap(({ type, data }) => (type === 'message' ? [data.id] : []));
      expect(stored.sort()).toEqual(ids.toSorted());
      await client.disconnect();
    }
  };
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 30 }), fc.boolean(), play),
    // Shrinking plays a failure again and again, each time against real servers.
    { numRuns: 25, endOnFailure: true },
  );
}, 120_000);
