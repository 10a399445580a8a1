import { randomUUID } from 'node:crypto';
import type { Receipt } from '@carillon/core/provider/receipt';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type TestDatabase, testDatabase } from '../../test/support/database.ts';
import { insertApp, insertNotification } from '../../test/support/rows.ts';
import { claimNotifications } from '../attempts/claim-notifications.ts';
import { recordAccepted } from '../attempts/record-accepted.ts';
import { type Database, openDatabase } from '../connection/client.ts';
import { giveUpReceipts, type ReceiptHooks, reapplyReceipts, receiveReceipts } from './receive-receipts.ts';

let database: TestDatabase;
let db: Database;
let appId: string;

beforeAll(async () => {
  database = await testDatabase();
  db = openDatabase({ url: database.url, name: 'test' });
  appId = await insertApp(db.sql);
});
afterAll(async () => {
  await db.close();
  await database.drop();
});

const account = 'resend';
const MINUTES = 60_000;

/** Hooks that write down what they were given. */
function recorder(): { hooks: ReceiptHooks; told: string[] } {
  const told: string[] = [];
  const hooks: ReceiptHooks = {
    applied: (all) => {
      for (const { kind, movedTo, priority, channel } of all)
        told.push(`applied ${kind} ${movedTo} ${channel} ${priority}`);
    },
    addressesOnly: (all) => {
      for (const { receipt } of all) told.push(`address ${receipt.kind}`);
    },
    unknown: (all) => {
      for (const { receipt } of all) told.push(`unknown ${receipt.kind}`);
    },
  };
  return { hooks, told };
}

async function sent(theirId: string): Promise<void> {
  const id = await insertNotification(db.sql, { appId, priority: 'bulk' });
  const leaseToken = randomUUID();
  await claimNotifications(db.sql, [id], {
    channel: 'email',
    provider: account,
    leaseToken,
    leaseMs: 30_000,
  });
  await recordAccepted(db.sql, [
    {
      ...{ id, n: 1, leaseToken, state: 'sent', outcome: 'accepted', phase: 'answered' },
      ...{ provider: account, latencyMs: 5, providerMessageId: theirId },
    },
  ]);
}

test('each receipt is reported once: what it moved, what it did not, what concerns an address alone', async () => {
  const { hooks, told } = recorder();
  await sent('theirs-1');
  const [delivered, again, stop] = [
    { eventId: 'a', kind: 'delivered', providerMessageId: 'theirs-1' },
    { eventId: 'b', kind: 'delivered', providerMessageId: 'theirs-1' },
    { eventId: 'c', kind: 'opted_out', address: 'ada@example.test' },
  ] satisfies Receipt[];
  for (const receipt of [delivered, delivered, again, stop, stop])
    await receiveReceipts(db.sql, [{ account, receipt: receipt! }], hooks);
  expect(told).toEqual([
    'applied delivered delivered email bulk',
    'applied delivered null email bulk',
    'address opted_out',
  ]);
});

test('one that overtook its message is reported when it is applied, and one without a message when it is given up', async () => {
  const { hooks, told } = recorder();
  const early: Receipt = { eventId: 'd', kind: 'bounced', providerMessageId: 'theirs-2' };
  const lost: Receipt = { eventId: 'e', kind: 'opened', providerMessageId: 'of another system' };
  await receiveReceipts(
    db.sql,
    [early, lost].map((receipt) => ({ account, receipt })),
    hooks,
  );
  expect(told).toEqual([]);
  await sent('theirs-2');
  await reapplyReceipts(db.sql, 5 * MINUTES, 100, hooks);
  await reapplyReceipts(db.sql, 5 * MINUTES, 100, hooks);
  expect(told).toEqual(['applied bounced failed email bulk']);
  await db.sql`update provider_logs set received_at = now() - interval '10 min' where event_id = 'e'`;
  await giveUpReceipts(db.sql, 5 * MINUTES, 100, hooks);
  await giveUpReceipts(db.sql, 5 * MINUTES, 100, hooks);
  expect(told).toEqual(['applied bounced failed email bulk', 'unknown opened']);
});
