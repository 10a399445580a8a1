import { randomUUID } from 'node:crypto';
import type { InboxOwner } from '@carillon/core/inbox/message';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type TestDatabase, testDatabase } from '../../../test/support/database.ts';
import { deliverInApp, insertRecipient } from '../../../test/support/inbox-rows.ts';
import { type ServedApi, servedApi } from '../../../test/support/served-api.ts';
import { type TcpProxy, tcpProxy } from '../../../test/support/tcp-proxy.ts';
import { until } from '../../../test/support/until.ts';
import { Carillon } from './carillon.ts';
import type { InboxEvent } from './inbox-event.ts';
import { RecipientInbox } from './recipient-inbox.ts';

/** Inboxes through the client: with a key and with a token, on the real API, through a network that fails. */
let database: TestDatabase;
let api: ServedApi;
let proxy: TcpProxy;
let carillon: Carillon;
let owner: InboxOwner;
let person: string;

beforeAll(async () => {
  database = await testDatabase();
  api = await servedApi(database.url);
  proxy = await tcpProxy(api.port);
  const apiKey = await api.key({ scopes: ['recipients:*', 'content:read'] });
  carillon = new Carillon({ apiKey, baseUrl: api.url });
});
afterAll(async () => {
  await proxy?.close();
  await api?.close();
  await database?.drop();
});
beforeEach(async () => {
  person = `user_${randomUUID()}`;
  owner = await insertRecipient(api.db.sql, api.appId, person);
});

const deliver = (title: string) => deliverInApp(api.db.sql, owner, { title });
const titleOf = (event: InboxEvent) =>
  'message' in event ? `${event.type} ${event.message.title}` : event.type;

/** Collects what a stream yields, until it is stopped. */
function collect(stream: AsyncIterable<InboxEvent>) {
  const events: InboxEvent[] = [];
  const ended = (async () => {
    for await (const event of stream) events.push(event);
  })();
  ended.catch(() => {});
  const titles = () => events.flatMap((event) => ('message' in event ? [titleOf(event)] : []));
  return { events, ended, titles };
}

test('with a key, messages are listed, marked, archived, snoozed', async () => {
  const [a, b] = [await deliver('a'), await deliver('b')];
  const page = await carillon.inbox.list(person, { limit: 1 }).page();
  expect(page.data.map(({ id }) => id)).toEqual([b]);
  expect(page).toMatchObject({ unread_count: 2, unseen_count: 2 });
  expect((await carillon.inbox.list(person).toArray(10)).map(({ id }) => id)).toEqual([b, a]);

  expect((await carillon.inbox.seen(person, a)).seen_at).not.toBeNull();
  expect((await carillon.inbox.read(person, a)).read_at).not.toBeNull();
  expect((await carillon.inbox.unread(person, a)).read_at).toBeNull();
  expect((await carillon.inbox.archive(person, a)).archived_at).not.toBeNull();
  expect((await carillon.inbox.unarchive(person, a)).archived_at).toBeNull();
  const later = new Date(Date.now() + 3600_000).toISOString();
  expect((await carillon.inbox.snooze(person, a, { until: later })).snoozed_until).toBe(later);
  expect(await carillon.inbox.readAll(person, { up_to: 0 })).toMatchObject({ changed: 0 });
  expect(await carillon.inbox.seenAll(person)).toMatchObject({ changed: 1, unseen_count: 0 });
  expect(await carillon.inbox.readAll(person)).toMatchObject({ changed: 1, unread_count: 0 });
  await expect(carillon.inbox.read(`${person}x`, a)).rejects.toMatchObject({ code: 'not_found' });
});

test('with a token, a person has the same inbox, and their preferences', async () => {
  const id = await deliver('mine');
  const { token } = await carillon.recipients.issueToken(person, { ttl_seconds: 60 });
  const inbox = new RecipientInbox({ baseUrl: api.url, token });
  expect((await inbox.list({ status: 'unread' }).toArray(10)).map(({ title }) => title)).toEqual(['mine']);
  await inbox.read(id);
  await inbox.archive(id);
  await inbox.unarchive(id);
  await inbox.unread(id);
  expect(await inbox.seenAll()).toMatchObject({ changed: 0, unread_count: 1 });
  expect(await inbox.readAll()).toMatchObject({ changed: 1, unread_count: 0 });
  await inbox.putPreferences({ channels: { sms: false } });
  expect(await inbox.getPreferences({ locale: 'de' })).toMatchObject({
    channels: { sms: false },
    category_list: [],
  });
});

describe('a stream', () => {
  test('brings what a list does not have yet, once each, over connections that break', async () => {
    await deliver('before');
    const { sequence } = await carillon.inbox.list(person).page();
    const stop = new AbortController();
    const { token } = await carillon.recipients.issueToken(person);
    const inbox = new RecipientInbox({ baseUrl: `http://127.0.0.1:${proxy.port}`, token });
    const failures: string[] = [];
    const { titles, ended } = collect(
      inbox.stream({
        after: sequence,
        signal: stop.signal,
        onRetry: ({ code }) => failures.push(code),
      }),
    );
    await deliver('a');
    await until('the first', () => titles().join() === 'message a');
    await proxy.cut();
    const b = await deliver('b');
    await carillon.inbox.read(person, b);
    await until('a failure', () => failures.length > 0);
    await proxy.restore();
    await until('what was missed', () => titles().length === 3);
    await deliver('c');
    await until('the last', () => titles().length === 4);
    expect(titles()).toEqual(['message a', 'message b', 'changed b', 'message c']);
    stop.abort(new Error('left'));
    await expect(ended).rejects.toThrow('left');
  });

  test('through a network that swallows everything is opened again after a silence', async () => {
    const stop = new AbortController();
    const slow = new Carillon({
      apiKey: await api.key(),
      baseUrl: `http://127.0.0.1:${proxy.port}`,
    });
    const failures: string[] = [];
    const stream = slow.inbox.stream(person, {
      after: 0,
      signal: stop.signal,
      timeoutMs: 500,
      onRetry: ({ code }) => failures.push(code),
    });
    const { events, titles, ended } = collect(stream);
    await until('the beginning', () => events.length === 1);
    proxy.freeze();
    await until('the silence to be noticed', () => failures.includes('timed_out'));
    await deliver('meanwhile');
    await proxy.restore();
    await until('the message', () => titles().join() === 'message meanwhile');
    stop.abort();
    await ended.catch(() => {});
  });

  test('gets a new token when one ends, and goes on', async () => {
    let asked = 0;
    const stop = new AbortController();
    const inbox = new RecipientInbox({
      baseUrl: api.url,
      // The first has ended already, as one that an app kept over night.
      getToken: async () =>
        asked++ === 0 ? 'crt_ended' : (await carillon.recipients.issueToken(person)).token,
    });
    const { titles, ended } = collect(inbox.stream({ after: 0, signal: stop.signal }));
    await deliver('hello');
    await until('the message', () => titles().join() === 'message hello');
    expect(asked).toBe(2);
    stop.abort();
    await ended.catch(() => {});
  });

  test('ends for good when the person is erased, and a break frees its connection', async () => {
    const { events, ended } = collect(carillon.inbox.stream(person));
    await until('the beginning', () => events.length === 1);
    for await (const _ of carillon.inbox.stream(person)) break;
    await carillon.recipients.erase(person);
    await ended;
    expect(events.at(-1)).toEqual({ type: 'closed', reason: 'recipient_erased' });
    await expect(carillon.inbox.stream(person).next()).rejects.toMatchObject({ code: 'not_found' });
  });
});
