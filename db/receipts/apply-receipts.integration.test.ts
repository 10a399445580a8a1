import { randomUUID } from 'node:crypto';
import type { Ending } from '@carillon/core/notification/attempt-end';
import type { State } from '@carillon/core/notification/states';
import type { Receipt, ReceiptKind } from '@carillon/core/provider/receipt';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type TestDatabase, testDatabase } from '../../test/support/database.ts';
import { insertApp, insertNotification, stateOf } from '../../test/support/rows.ts';
import { guardTransitions } from '../../test/support/transition-guard.ts';
import { claimNotifications } from '../attempts/claim-notifications.ts';
import { doubtExpiredLeases } from '../attempts/leases.ts';
import { recordOutcomes } from '../attempts/record-outcomes.ts';
import { type Database, openDatabase } from '../connection/client.ts';
import { applyReceipts, unappliedReceipts } from './apply-receipts.ts';
import { storeReceipts } from './store-receipts.ts';

let database: TestDatabase;
let db: Database;
let appId: string;

beforeAll(async () => {
  database = await testDatabase();
  db = openDatabase({ url: database.url, name: 'test' });
  await guardTransitions(db.sql);
  appId = await insertApp(db.sql);
});
afterAll(async () => {
  await db.close();
  await database.drop();
});

const ACCOUNT = 'resend';

async function claimed(leaseMs = 30_000): Promise<{ id: string; leaseToken: string }> {
  const id = await insertNotification(db.sql, { appId });
  const leaseToken = randomUUID();
  await claimNotifications(db.sql, [id], { channel: 'email', provider: ACCOUNT, leaseToken, leaseMs });
  return { id, leaseToken };
}

const answer = ({ id, leaseToken }: { id: string; leaseToken: string }, theirId: string): Ending => ({
  id,
  n: 1,
  leaseToken,
  state: 'sent',
  outcome: 'accepted',
  phase: 'answered',
  provider: ACCOUNT,
  latencyMs: 5,
  providerMessageId: theirId,
});

async function sent(theirId: string = randomUUID()): Promise<{ id: string; theirId: string }> {
  const claim = await claimed();
  await recordOutcomes(db.sql, [answer(claim, theirId)]);
  return { id: claim.id, theirId };
}

const receipt = (kind: ReceiptKind, over: Partial<Receipt> = {}): Receipt => ({
  eventId: randomUUID(),
  kind,
  ...over,
});

async function receive(receipts: Receipt[], account = ACCOUNT) {
  const keys = await storeReceipts(
    db.sql,
    receipts.map((each) => ({ account, receipt: each })),
  );
  return applyReceipts(db.sql, keys);
}

const attemptOf = async (id: string) =>
  (
    await db.sql`select outcome, provider_message_id, finished_at from delivery_attempts where notification_id = ${id}`
  )[0];

test('a receipt finds its notification by the id Carillon sent along, or by the id the provider gave it', async () => {
  const [one, other] = [await sent(), await sent()];
  await receive([receipt('delivered', { attemptId: `${one.id}/1` })]);
  await receive([receipt('delivered', { providerMessageId: other.theirId })]);
  expect((await stateOf(db.sql, one.id)).state).toBe('delivered');
  expect((await stateOf(db.sql, other.id)).state).toBe('delivered');
});

test('the same receipt again is stored once and applied once', async () => {
  const { id } = await sent();
  const bounce = receipt('delivered', { attemptId: `${id}/1` });
  expect(await receive([bounce])).toHaveLength(1);
  expect(await receive([bounce])).toHaveLength(0);
  expect(await db.sql`select from provider_logs where event_id = ${bounce.eventId}`).toHaveLength(1);
});

test('a late or repeated receipt moves nothing back', async () => {
  const { id } = await sent();
  for (const kind of ['bounced', 'delivered', 'accepted', 'opened'] as const) {
    await receive([receipt(kind, { attemptId: `${id}/1` })]);
    expect((await stateOf(db.sql, id)).state, kind).toBe('failed');
  }
});

test('of several reports about one notification in one delivery, the strongest counts', async () => {
  const { id } = await sent();
  const words = (['accepted', 'bounced', 'delivered'] as const).map((kind) =>
    receipt(kind, { attemptId: `${id}/1` }),
  );
  const applied = await receive(words);
  expect(applied.map(({ movedTo }) => movedTo).filter(Boolean)).toEqual(['failed']);
  expect((await stateOf(db.sql, id)).state).toBe('failed');
});

test("a receipt that overtakes the send's own answer is not lost, and the answer changes nothing any more", async () => {
  const claim = await claimed();
  await receive([receipt('delivered', { attemptId: `${claim.id}/1`, providerMessageId: 'their-1' })]);
  expect((await stateOf(db.sql, claim.id)).state).toBe('delivered');
  expect(await attemptOf(claim.id)).toMatchObject({ outcome: 'accepted', provider_message_id: 'their-1' });
  expect(await recordOutcomes(db.sql, [answer(claim, 'their-1')])).toEqual(new Set());
  expect((await stateOf(db.sql, claim.id)).state).toBe('delivered');
});

test("a receipt that knows only the provider's id and comes before the answer waits for it", async () => {
  const claim = await claimed();
  const early = receipt('delivered', { providerMessageId: `their-${claim.id}` });
  expect(await receive([early])).toEqual([]);
  await recordOutcomes(db.sql, [answer(claim, `their-${claim.id}`)]);
  const waiting = await unappliedReceipts(db.sql, 60_000, 100);
  expect(waiting).toContainEqual({ account: ACCOUNT, eventId: early.eventId });
  await applyReceipts(db.sql, waiting);
  expect((await stateOf(db.sql, claim.id)).state).toBe('delivered');
});

test.each([
  ['accepted', 'sent'],
  ['delivered', 'delivered'],
  ['bounced', 'failed'],
] as const)(
  'a doubt is settled by the receipt "%s": %s, and its attempt was accepted',
  async (kind, state) => {
    const { id } = await claimed(-1);
    await doubtExpiredLeases(db.sql, 100);
    expect((await stateOf(db.sql, id)).state).toBe('in_doubt');
    await receive([receipt(kind, { attemptId: `${id}/1`, providerMessageId: 'their-9' })]);
    expect((await stateOf(db.sql, id)).state).toBe(state);
    expect(await attemptOf(id)).toMatchObject({ outcome: 'accepted', provider_message_id: 'their-9' });
  },
);

test('a receipt of another account moves nothing, though it names the attempt', async () => {
  const { id, theirId } = await sent();
  await receive(
    [receipt('bounced', { attemptId: `${id}/1`, providerMessageId: theirId })],
    'another-gateway',
  );
  expect((await stateOf(db.sql, id)).state).toBe('sent');
});

test('a receipt about an earlier attempt does not touch the present one', async () => {
  const { id } = await sent();
  await db.sql`update notifications set attempt_count = 2 where id = ${id}`;
  await receive([receipt('bounced', { attemptId: `${id}/1` })]);
  expect((await stateOf(db.sql, id)).state).toBe('sent');
});

test.each(['cancelled', 'expired', 'dead', 'retrying'] satisfies State[])(
  'a receipt never moves one that is %s',
  async (state) => {
    const { id } = await sent();
    await db.sql`alter table notifications disable trigger transition_guard`;
    await db.sql`update notifications set state = ${state}, next_attempt_at = ${state === 'retrying' ? new Date() : null} where id = ${id}`;
    await db.sql`alter table notifications enable trigger transition_guard`;
    await receive([
      receipt('delivered', { attemptId: `${id}/1` }),
      receipt('bounced', { attemptId: `${id}/1` }),
    ]);
    expect((await stateOf(db.sql, id)).state).toBe(state);
  },
);

test('receipts applied by two processes at once are applied once each', async () => {
  const all = await Promise.all(Array.from({ length: 20 }, () => sent()));
  const keys = await storeReceipts(
    db.sql,
    all.map(({ id }) => ({ account: ACCOUNT, receipt: receipt('delivered', { attemptId: `${id}/1` }) })),
  );
  const applied = (await Promise.all([1, 2, 3].map(() => applyReceipts(db.sql, keys)))).flat();
  expect(applied).toHaveLength(20);
  for (const { id } of all) expect((await stateOf(db.sql, id)).state).toBe('delivered');
});
