import { randomUUID } from 'node:crypto';
import { claimNotifications } from '@carillon/db/attempts/claim-notifications';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type ApiUnderTest, apiUnderTest } from '../../../test/support/api.ts';
import { laneContext } from '../../../test/support/delivery-context.ts';
import { type LaneBundle, laneBundle } from '../../../test/support/lanes.ts';
import { type CurrentAccounts, openCurrentAccounts } from './current-accounts.ts';
import { type CurrentSettings, currentSettings } from './current-settings.ts';
import { type CategoryBook, categoryBook } from './deliver/category-settings.ts';
import { guard } from './deliver/guard.ts';

/** The first message accepted after a change was answered must use the change; periodic reads are too slow. */
const secret = Buffer.alloc(32, 7);
const never = (error: unknown): void => {
  throw error;
};

let bundle: LaneBundle;
let api: ApiUnderTest;
let categories: CategoryBook;
let book: CurrentAccounts;
let settings: CurrentSettings;
let reads = 0;

beforeAll(async () => {
  bundle = await laneBundle();
  const { sql } = bundle.db;
  api = await apiUnderTest(bundle.databaseUrl, {
    env: { ENCRYPTION_KEYS: `k:${secret.toString('base64')}` },
  });
  categories = categoryBook(sql, { onError: never });
  await categories.known();
  // It does not read periodically again.
  await categories.stop();
  book = await openCurrentAccounts({
    sql,
    ring: { current: 'k', keys: new Map([['k', secret]]) },
    deps: { storeInboxMessage: async () => true },
    fromFile: null,
    onUnusable: (_, error) => never(error),
  });
  settings = currentSettings(sql, [
    categories.refresh,
    book.duty.runOnce,
    async () => {
      reads++;
    },
  ]);
});
afterAll(async () => {
  await book.close();
  await api.close();
  await bundle.close();
});

/** Accepts a message and takes it as far as the guard, which fixes its treatment. */
async function guarded(): Promise<void> {
  const { sql } = bundle.db;
  const content = { subject: 'Hi', text: 'Hi' };
  const request = { to: { email: 'ada@example.test' }, channel: 'email', category: 'news', content };
  const { body } = await api.request('POST', '/v1/notifications', request);
  const leaseToken = randomUUID();
  const claim = { channel: 'email', provider: 'p', leaseToken, leaseMs: 30_000 } as const;
  const [row] = await claimNotifications(sql, [body.id], claim);
  const context = laneContext({ sql, onError: never, settings });
  await guard(context, { ...row!, leaseToken, expectedProvider: 'p', leaseEndsAt: Number.POSITIVE_INFINITY });
}
const isUnsubscribable = () => categories.settingsFor(api.appId, 'live', 'news').unsubscribable;

test('a category: created, changed and removed', async () => {
  await guarded();
  expect(isUnsubscribable()).toBe(false);
  for (const unsubscribable of [true, false, true]) {
    expect(
      (await api.request('PUT', '/v1/categories/news', { delivery_policy: 'resolve', unsubscribable }))
        .status,
    ).toBeLessThan(300);
    await guarded();
    expect(isUnsubscribable()).toBe(unsubscribable);
  }
  expect((await api.request('DELETE', '/v1/categories/news')).status).toBe(204);
  await guarded();
  expect(isUnsubscribable()).toBe(false);
});

test('a provider account: created, disabled and removed', async () => {
  const ids = () => book.accounts.map(({ id }) => id);
  const account = {
    provider: 'smtp',
    host: '127.0.0.1',
    port: 2525,
    from: 'us@example.test',
    environments: ['live'],
  };
  const put = await api.request('PUT', '/v1/provider-accounts/first', account);
  expect(put.body).toMatchObject({ id: 'first' });
  await guarded();
  expect(ids()).toEqual(['first']);
  await api.request('PATCH', '/v1/provider-accounts/first', { enabled: false });
  await guarded();
  expect(ids()).toEqual([]);
  await api.request('PATCH', '/v1/provider-accounts/first', { enabled: true });
  await api.request('DELETE', '/v1/provider-accounts/first');
  await guarded();
  expect(ids()).toEqual([]);
});

test('while nothing changes nothing is read', async () => {
  await guarded();
  const before = reads;
  for (let n = 0; n < 5; n++) await guarded();
  expect(reads).toBe(before);
});
