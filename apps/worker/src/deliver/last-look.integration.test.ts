import { randomUUID } from 'node:crypto';
import { storeInboxMessages } from '@carillon/db/inbox/store-messages';
import {
  type AccountSettings,
  buildAccounts,
  type RegisteredAccount,
} from '@carillon/providers/accounts/registry';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { type AnsweringServer, answeringServer } from '../../../../test/contract/answering-server.ts';
import { type AnsweringSmtp, answeringSmtp } from '../../../../test/contract/answering-smtp.ts';
import { type ApiUnderTest, apiUnderTest } from '../../../../test/support/api.ts';
import { laneExpecting } from '../../../../test/support/delivery-context.ts';
import { type LaneBundle, laneBundle } from '../../../../test/support/lanes.ts';
import { stateOf } from '../../../../test/support/rows.ts';
import { type TcpProxy, tcpProxy } from '../../../../test/support/tcp-proxy.ts';
import { until } from '../../../../test/support/until.ts';
import { deliver } from './deliver.ts';

/**
 * A confirmed change applies to every call whose first byte is not written yet: the provider received nothing of it.
 */
const KEY = `k:${Buffer.alloc(32, 7).toString('base64')}`;

let bundle: LaneBundle;
let api: ApiUnderTest;
let smtp: AnsweringSmtp;
let http: AnsweringServer;
/** Between the adapter and the SMTP server. */
let line: TcpProxy;
let accounts: RegisteredAccount[];
const errors: unknown[] = [];

beforeAll(async () => {
  bundle = await laneBundle();
  api = await apiUnderTest(bundle.databaseUrl, { env: { ENCRYPTION_KEYS: KEY } });
  [smtp, http] = [await answeringSmtp(), await answeringServer()];
  http.answers({ status: 202, headers: { 'content-type': 'application/json' }, body: '{"id":"msg-1"}' });
  line = await tcpProxy(smtp.port);
  const email = { environments: ['live'], channel: 'email' } as const;
  const settings = [
    { ...email, id: 'smtp', provider: 'smtp', host: '127.0.0.1', port: line.port, from: 'us@example.test' },
    {
      ...email,
      id: 'generic',
      provider: 'generic',
      url: `${http.url}/send`,
      credentials: { secret: 'a-shared-secret-of-ours' },
    },
    { id: 'inbox', provider: 'inbox', environments: ['live'] },
  ] as unknown as AccountSettings[];
  accounts = await buildAccounts(settings, {
    storeInboxMessage: async (entry, mayWrite) => {
      if ((mayWrite?.() ?? true) !== true) return false;
      await storeInboxMessages(bundle.db.sql, [entry]);
      return true;
    },
  });
});
afterAll(async () => {
  await Promise.all(accounts.map(({ adapter }) => adapter.close()));
  await line.close();
  await Promise.all([smtp.close(), http.close()]);
  await api.close();
  await bundle.close();
});

let person: string;
beforeEach(async () => {
  errors.length = 0;
  person = randomUUID();
  await api.request('PUT', `/v1/recipients/${person}`, { email: `${person}@example.test` });
});
afterEach(() => expect(errors).toEqual([]));

const letters = () => smtp.letters.filter(({ to }) => to.startsWith(person));

interface Given {
  /** Waits here, before the call, for the change. */
  permit?: Promise<unknown>;
  request?: object;
}

/** A notification on its way to a provider: accepted, and being delivered. */
async function onItsWay(name: string, { permit = Promise.resolve(), request = {} }: Given = {}) {
  const account = accounts.find(({ id }) => id === name)!;
  const { channel } = account.adapter;
  /** Alone, and with a rate, so that a permit is needed. */
  const inUse = [{ ...account, ratePerSecond: 1000 }];
  const lane = laneExpecting(name, {
    sql: bundle.db.sql,
    lane: `${channel}-normal`,
    accounts: inUse,
    limiter: {
      permit: async () => {
        await permit;
        return { granted: true };
      },
    },
    onError: (error) => errors.push(error),
  });
  const content = channel === 'in_app' ? { title: 'Hi', body: 'There' } : { subject: 'Hi', text: 'Hi' };
  const body = { to: { recipient_id: person }, channel, content, category: 'news', ...request };
  const { body: accepted, status } = await api.request('POST', '/v1/notifications', body);
  expect(status).toBe(202);
  return { id: accepted.id as string, inUse, done: deliver(lane, accepted.id) };
}

async function waitingForItsConnection(given: Given = {}) {
  // None is left from the test before.
  await line.cut();
  await line.restore();
  const before = line.taken();
  line.freeze();
  const one = await onItsWay('smtp', given);
  await until('it to wait for its connection', () => line.taken() > before);
  return one;
}

interface Wish {
  method: string;
  path: string;
  body?: object;
  state: string;
}
const preferences = (body: object): Wish => ({
  method: 'PUT',
  path: '/v1/recipients/PERSON/preferences',
  body,
  state: 'skipped',
});
const WISHES: readonly (readonly [string, Wish])[] = [
  [
    'a suppression',
    {
      method: 'POST',
      path: '/v1/suppressions',
      body: { channel: 'email', address: 'PERSON@Example.test' },
      state: 'suppressed',
    },
  ],
  ['an opt-out of the channel', preferences({ channels: { email: false } })],
  ['an opt-out of the category', preferences({ categories: { news: false } })],
  ['a cap that is reached', preferences({ caps: [{ max: 1, window_seconds: 60 }] })],
  ['an erasure', { method: 'DELETE', path: '/v1/recipients/PERSON', state: 'expired' }],
  [
    'a removed address',
    { method: 'PUT', path: '/v1/recipients/PERSON', body: { email: null }, state: 'failed' },
  ],
];

const asked = ({ method, path, body }: Wish) => {
  const named = (text: string) => text.replaceAll('PERSON', person);
  return api.request(method, named(path), body && JSON.parse(named(JSON.stringify(body))));
};

test.each(WISHES)('%s applies to a message that waits for its connection', async (_, wish) => {
  // One more of the same person's, for the cap.
  await bundle.db.sql`
    insert into cap_uses (notification_id, app_id, environment, recipient_id, channel, at)
    values (gen_random_uuid(), ${api.appId}, 'live', ${person}, 'email', now())`;
  const { id, done } = await waitingForItsConnection();
  expect((await asked(wish)).status).toBeLessThan(300);
  await line.restore();
  await done;
  expect(letters()).toEqual([]);
  expect((await stateOf(bundle.db.sql, id)).state).toBe(wish.state);
});

test('quiet hours that begin while it waits hold it', async () => {
  const { id, done } = await waitingForItsConnection();
  const hour = new Date().getUTCHours();
  const at = (shift: number) => `${String((hour + shift + 24) % 24).padStart(2, '0')}:00`;
  const quiet_hours = { start: at(-1), end: at(3), time_zone: 'UTC' };
  await api.request('PUT', `/v1/recipients/${person}/preferences`, { quiet_hours });
  await line.restore();
  await done;
  expect(letters()).toEqual([]);
  expect((await stateOf(bundle.db.sql, id)).state).toBe('scheduled');
});

test.each(['generic', 'inbox'])('also by %s, after a wait for a permit', async (name) => {
  let granted = (): void => {};
  const permit = new Promise<void>((resolve) => {
    granted = resolve;
  });
  const { id, done } = await onItsWay(name, { permit });
  const isClaimed = async () => (await stateOf(bundle.db.sql, id)).state === 'sending';
  await until('its claim', isClaimed);
  await api.request('PUT', `/v1/recipients/${person}/preferences`, { categories: { news: false } });
  granted();
  await done;
  expect(http.received).toEqual([]);
  expect(await bundle.db.sql`select from inbox_messages`).toHaveLength(0);
  expect((await stateOf(bundle.db.sql, id)).state).toBe('skipped');
});

test.each(['generic', 'inbox', 'smtp'])(
  'a message that waited long and is still allowed is sent, once, by %s',
  async (name) => {
    const permit = new Promise((resolve) => setTimeout(resolve, 400));
    const { id, done } = await onItsWay(name, { permit });
    await done;
    expect((await stateOf(bundle.db.sql, id)).state).toMatch(/sent|delivered/);
  },
);

test('an account that was disabled meanwhile is not called, and the message waits for another', async () => {
  const { id, inUse, done } = await waitingForItsConnection();
  inUse.length = 0;
  await line.restore();
  await done;
  expect(letters()).toEqual([]);
  expect((await stateOf(bundle.db.sql, id)).state).toBe('retrying');
});
