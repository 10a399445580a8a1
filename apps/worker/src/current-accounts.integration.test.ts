import { parseKeyRing } from '@carillon/core/notification/envelope';
import { openDatabase } from '@carillon/db/connection/client';
import { putProviderAccount } from '@carillon/db/provider-accounts/write-provider-accounts';
import { encryptAccount } from '@carillon/providers/accounts/account-encryption';
import { AccountSettings } from '@carillon/providers/accounts/account-settings';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { type LaneBundle, laneBundle } from '../../../test/support/lanes.ts';
import { until } from '../../../test/support/until.ts';
import { type CurrentAccounts, openCurrentAccounts } from './current-accounts.ts';

const ring = (id: string, fill: number) => {
  const parsed = parseKeyRing(`${id}:${Buffer.alloc(32, fill).toString('base64')}`);
  if ('problem' in parsed) throw new Error(parsed.problem);
  return parsed;
};
const RING = ring('k1', 1);

let bundle: LaneBundle;
let unusable: string[];
beforeAll(async () => {
  bundle = await laneBundle();
});
afterAll(() => bundle.close());
beforeEach(async () => {
  unusable = [];
  await bundle.db.sql`delete from provider_accounts`;
});

const options = (fromFile: readonly AccountSettings[] | null = null, keys = RING) => ({
  sql: bundle.db.sql,
  ring: keys,
  deps: { storeInboxMessage: async () => true },
  fromFile,
  onUnusable: (account: string) => unusable.push(account),
});
const open = (fromFile: readonly AccountSettings[] | null = null, keys = RING): Promise<CurrentAccounts> =>
  openCurrentAccounts(options(fromFile, keys));
const generic = (id: string, over: object = {}): AccountSettings =>
  AccountSettings.parse({
    id,
    provider: 'generic',
    environments: ['live'],
    channel: 'email',
    url: 'http://127.0.0.1:9/send',
    credentials: { secret: 'a secret of sixteen or more' },
    ...over,
  });
const put = (account: AccountSettings, enabled = true) =>
  putProviderAccount(bundle.db.sql, { ...encryptAccount(RING, account, enabled), managedBy: 'api' }, 'key:1');
const ids = (book: CurrentAccounts) => book.accounts.map(({ id }) => id);

test('a worker starts although others that start with it hold the rows for longer than a statement may wait', async () => {
  const db = openDatabase({ url: bundle.databaseUrl, name: 'starting', connections: 1, lockTimeoutMs: 50 });
  try {
    let opened: Promise<CurrentAccounts> | null = null;
    await bundle.db.sql.begin(async (tx) => {
      await tx`lock table provider_accounts in access exclusive mode`;
      opened = openCurrentAccounts({ ...options([generic('a')]), sql: db.sql });
      const waits = async (): Promise<boolean> => {
        const [row] = await tx<[{ waits: boolean }]>`
          select exists (select from pg_locks where relation = 'provider_accounts'::regclass and not granted) as waits`;
        return row.waits;
      };
      await until('it to wait', waits, { everyMs: 1 });
      await until('its statement to be given up', async () => !(await waits()), { everyMs: 1 });
    });
    const book = await opened!;
    expect(ids(book)).toEqual(['a']);
    await book.close();
  } finally {
    await db.close();
  }
});

test('an added, changed, disabled or removed account takes effect in a running worker, without a restart', async () => {
  const book = await open();
  expect(ids(book)).toEqual([]);
  await put(generic('a', { order: 20 }));
  await put(generic('b', { order: 10, ratePerSecond: 5 }));
  expect(await book.duty.runOnce()).toBe(2);
  expect(ids(book)).toEqual(['b', 'a']);
  const before = book.accounts[1]!.adapter;
  await put(generic('a', { order: 5, weight: 3 }));
  await book.duty.runOnce();
  expect(book.accounts.map(({ id, order, weight }) => [id, order, weight])).toEqual([
    ['a', 5, 3],
    ['b', 10, 1],
  ]);
  expect(book.accounts[0]!.adapter).not.toBe(before);
  await put(generic('a', { order: 5, weight: 3 }), false);
  await book.duty.runOnce();
  expect(ids(book)).toEqual(['b']);
  await bundle.db.sql`delete from provider_accounts`;
  await book.duty.runOnce();
  expect(ids(book)).toEqual([]);
  await book.close();
});

test('a look without changes rebuilds no adapter', async () => {
  await put(generic('a'));
  const book = await open();
  const { adapter } = book.accounts[0]!;
  expect(await book.duty.runOnce()).toBe(0);
  expect(book.accounts[0]!.adapter).toBe(adapter);
  await book.close();
});

test('an account whose key is not configured is logged once and left out; the others go on', async () => {
  await put(generic('a'));
  const stranger = encryptAccount(ring('k2', 2), generic('sealed-elsewhere'));
  await putProviderAccount(bundle.db.sql, { ...stranger, managedBy: 'api' }, 'key:1');
  const book = await open();
  await book.duty.runOnce();
  expect(ids(book)).toEqual(['a']);
  expect(unusable).toEqual(['sealed-elsewhere']);
  await book.close();
});

test("a worker's file is written into PostgreSQL: it wins for accounts it names, and accounts it no longer names are removed", async () => {
  await put(generic('by-hand'));
  await (await open([generic('x'), generic('y')])).close();
  const book = await open([generic('x', { order: 1 })]);
  expect(ids(book)).toEqual(['x', 'by-hand']);
  expect(await bundle.db.sql`select id, managed_by from provider_accounts order by id`).toEqual([
    { id: 'by-hand', managed_by: 'api' },
    { id: 'x', managed_by: 'file' },
  ]);
  await book.close();
});
