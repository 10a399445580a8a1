import { PrioritySemaphore } from '@carillon/core/program/semaphore';
import type { RegisteredAccount } from '@carillon/providers/accounts/registry';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { laneContext } from '../../../../test/support/delivery-context.ts';
import { type LaneBundle, laneBundle } from '../../../../test/support/lanes.ts';
import { insertNotification, stateOf } from '../../../../test/support/rows.ts';
import { AccountLimits } from './concurrency-limits.ts';
import type { AtPoint, DeliveryPoint, LaneParts } from './context.ts';
import { deliver } from './deliver.ts';

/** Shared resources of a process (memory for files, call slots of an account) are released, however a delivery ends. */
let bundle: LaneBundle;
let fileMemory: PrioritySemaphore;
let accountLimits: AccountLimits;
let points: DeliveryPoint[];

beforeAll(async () => {
  bundle = await laneBundle();
});
afterAll(() => bundle.close());
beforeEach(() => {
  fileMemory = new PrioritySemaphore(100);
  accountLimits = new AccountLimits();
  points = [];
});

const FILE = Buffer.from('a file');

const account: RegisteredAccount = {
  id: 'smtp',
  order: 1,
  weight: 1,
  environments: ['live', 'test'],
  ratePerSecond: 10,
  adapter: {
    provider: 'smtp',
    channel: 'email',
    guarantee: 'D',
    atOnce: 1,
    serves: () => true,
    send: async () => ({ class: 'accepted', providerMessageId: 'm-1' }),
    close: async () => {},
  },
};

async function withFile(): Promise<string> {
  const { sql } = bundle.db;
  const id = await insertNotification(sql, { appId: bundle.appId });
  await sql`update notifications set options = ${sql.json({ attachments_bytes: 60 })} where id = ${id}`;
  await sql`
    insert into attachments (notification_id, position, filename, content_type, content, size_bytes)
    values (${id}, 0, 'a.txt', 'text/plain', ${FILE}, ${FILE.length})`;
  return id;
}

const isFree = async (limit: PrioritySemaphore, weight: number) => {
  const release = await limit.acquire({ weight, timeoutMs: 1 });
  release?.();
  return release !== null;
};

async function delivered(over: Partial<LaneParts> = {}) {
  const id = await withFile();
  const freeAt: Partial<Record<DeliveryPoint, { memory: boolean; account: boolean }>> = {};
  const at = async (point: DeliveryPoint, _: AtPoint): Promise<void> => {
    points.push(point);
    freeAt[point] = {
      memory: await isFree(fileMemory, 60),
      account: await isFree(accountLimits.of(account), 1),
    };
  };
  const parts = { accounts: [account], fileMemory, accountLimits, seams: { at }, ...over };
  const delivery = await deliver(laneContext({ sql: bundle.db.sql, ...parts }), id);
  const { state } = await stateOf(bundle.db.sql, id);
  return { delivery, state, freeAt };
}

test('a delivery passes its points in order, and holds the memory for its files until its outcome is recorded', async () => {
  const { state, freeAt } = await delivered();
  expect(state).toBe('sent');
  expect(points).toEqual([
    'job taken',
    'claimed',
    'account chosen',
    'permitted',
    'called',
    'attempt ended',
    'recorded',
  ]);
  expect(freeAt['account chosen']).toEqual({ memory: true, account: true });
  expect(freeAt.permitted).toEqual({ memory: false, account: false });
  expect(freeAt.called).toEqual({ memory: false, account: false });
  // The call slot of the account is free as soon as the call is over.
  expect(freeAt.recorded).toEqual({ memory: false, account: true });
  expect(await isFree(fileMemory, 60)).toBe(true);
});

test.each<[string, Partial<LaneParts>, string]>([
  [
    'is refused by the rate limit',
    { limiter: { permit: async () => ({ granted: false, retryInMs: 60_000 }) } },
    'retrying',
  ],
  ['cannot ask for its rate', { limiter: { permit: () => Promise.reject(new Error('away')) } }, 'retrying'],
  ['belongs to no account', { accounts: [] }, 'retrying'],
])('a delivery that %s gives everything back, unsent', async (_, over, state) => {
  expect((await delivered(over)).state).toBe(state);
  expect(points).not.toContain('called');
  expect(await isFree(fileMemory, 60)).toBe(true);
  expect(await isFree(accountLimits.of(account), 1)).toBe(true);
});

test('a call whose adapter throws may have been written: it is a doubt, and its resources are released', async () => {
  const broken = {
    ...account,
    adapter: { ...account.adapter, send: () => Promise.reject(new Error('bug')) },
  };
  expect(await delivered({ accounts: [broken] })).toMatchObject({
    state: 'in_doubt',
    delivery: { now: 'stuck' },
  });
  expect(await isFree(fileMemory, 60)).toBe(true);
  expect(await isFree(accountLimits.of(account), 1)).toBe(true);
});
