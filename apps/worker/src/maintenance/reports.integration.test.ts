import { randomUUID } from 'node:crypto';
import { addressHash } from '@carillon/core/recipient/suppression';
import { claimNotifications } from '@carillon/db/attempts/claim-notifications';
import { recordOutcomes } from '@carillon/db/attempts/record-outcomes';
import { getNotification } from '@carillon/db/notifications/get-notification';
import { receiveReceipts } from '@carillon/db/receipts/receive-receipts';
import { buildAccounts } from '@carillon/providers/accounts/registry';
import type { ProviderAccount, Report } from '@carillon/providers/contract';
import { simulatorAccounts } from '@carillon/simulator/simulator-accounts';
import { type SimulatorUnderTest, simulatorUnderTest } from '@carillon/simulator/under-test';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { type LaneBundle, laneBundle } from '../../../../test/support/lanes.ts';
import { insertNotification, stateOf } from '../../../../test/support/rows.ts';
import { until } from '../../../../test/support/until.ts';
import { reports } from './reports.ts';

let it: LaneBundle;
let simulator: SimulatorUnderTest;
let accounts: ProviderAccount[];
const errors: unknown[] = [];

beforeAll(async () => {
  [it, simulator] = await Promise.all([laneBundle({ counts: 'kept' }), simulatorUnderTest()]);
  const { httpUrl, tlsPort, caFile, smtpUrl } = simulator;
  const all = simulatorAccounts({ httpUrl, tlsHost: '127.0.0.1', tlsPort, caFile, smtpUrl });
  const [twilio] = all.filter(({ id }) => id === 'twilio') as [
    Extract<(typeof all)[0], { provider: 'twilio' }>,
  ];
  const { callbackBaseUrl: _, ...silent } = twilio;
  accounts = await buildAccounts([twilio, { ...silent, id: 'twilio-silent' }], {
    storeInboxMessage: async () => true,
  });
});
beforeEach(async () => {
  await fetch(`${simulator.httpUrl}/behaviour`, { method: 'DELETE' });
  await it.db.sql`delete from provider_logs`;
  await it.db.sql`delete from notifications`;
});
afterEach(() => expect(errors.splice(0)).toEqual([]));
afterAll(async () => {
  await Promise.all(accounts.map(({ adapter }) => adapter.close()));
  await simulator.end();
  await it.close();
});

const MINUTE = 60;
const HOUR = 60 * MINUTE;
const ARRIVES = '+15005550100';
const UNDELIVERED = '+15005550020';
const STOPPED = '+15005550021';
const UNREPORTED = '+15005550022';
const state = async (id: string) => (await stateOf(it.db.sql, id)).state;
const accountOf = (id: string) => accounts.find((account) => account.id === id)!;
const duty = (with_: readonly ProviderAccount[] = accounts) =>
  reports({ sql: it.db.sql, accounts: with_, onError: (error) => errors.push(error), rotationMs: 2000 });

/** Sends by the real adapter to the simulator and records its answer, as a delivery does. */
async function send(phone = ARRIVES, provider = 'twilio-silent'): Promise<string> {
  const id = await insertNotification(it.db.sql, { appId: it.appId, channel: 'sms' });
  await it.db.sql`update notifications set address = ${it.db.sql.json({ phone })} where id = ${id}`;
  const leaseToken = randomUUID();
  await claimNotifications(it.db.sql, [id], { channel: 'sms', provider, leaseToken, leaseMs: 30_000 });
  const { adapter } = accountOf(provider);
  const call = { notificationId: id, attemptId: `${id}/1`, signal: AbortSignal.timeout(5000) };
  const outcome = await adapter.send({ channel: 'sms', to: phone, text: `Hello ${id}` }, call);
  if (outcome.class !== 'accepted') throw new Error(`the simulator did not accept it: ${outcome.code}`);
  const { providerMessageId } = outcome;
  const ending = { id, n: 1, leaseToken, provider, providerMessageId, latencyMs: 1 };
  await recordOutcomes(it.db.sql, [{ ...ending, state: 'sent', outcome: 'accepted', phase: 'answered' }]);
  return id;
}

/** As if everything about it had happened this many seconds earlier. */
async function age(id: string, seconds: number): Promise<void> {
  const { sql } = it.db;
  const by = sql`${seconds} * interval '1 second'`;
  await sql`update notifications set created_at = created_at - ${by} where id = ${id}`;
  await sql`
    update delivery_attempts set started_at = started_at - ${by}, finished_at = finished_at - ${by}
    where notification_id = ${id}`;
  await sql`
    update provider_logs set received_at = received_at - ${by},
      body = body || jsonb_build_object('held_until', (body ->> 'held_until')::timestamptz - ${by})
    where notification_id = ${id} and kind = 'asked'`;
}

/** Sent so long ago that the simulated carrier has reported to Twilio. */
async function sentAndKnown(phone = ARRIVES, provider = 'twilio-silent'): Promise<string> {
  const id = await send(phone, provider);
  const { provider_message_id: theirs } = await stateOf(it.db.sql, id);
  const carrierReported = async () => {
    const report = await accountOf('twilio-silent').adapter.reports!.of(theirs!, AbortSignal.timeout(2000));
    return report.receipt && report.receipt.kind !== 'accepted';
  };
  if (phone !== UNREPORTED) await until('the carrier to tell', carrierReported);
  await age(id, 31);
  return id;
}

const storedReceipts = (id: string) => it.db.sql<{ kind: string }[]>`
  select kind from provider_logs where notification_id = ${id} and kind <> 'asked' order by received_at`;
const timesAsked = async (id: string) => {
  const [row] = await it.db.sql<{ times: number }[]>`
    select (body ->> 'times')::int as times from provider_logs where notification_id = ${id} and kind = 'asked'`;
  return row?.times ?? null;
};
const journal = (id: string) => it.db.sql<{ actor: string; state: string; reason: string }[]>`
  select actor, state, reason from notification_history where notification_id = ${id} order by id`;

/** An account with the answer of a test, and a count. */
function answering(answer: (sid: string) => Promise<Report>): { account: ProviderAccount; asked: string[] } {
  const asked: string[] = [];
  const of = async (sid: string): Promise<Report> => {
    asked.push(sid);
    return answer(sid);
  };
  const { adapter } = accountOf('twilio-silent');
  const reporting = { ...adapter, reports: { finalAfterMs: 10 * HOUR * 1000, of } };
  return { account: { id: 'twilio-silent', order: 1, adapter: reporting }, asked };
}
const unanswered = async (): Promise<Report> => ({
  receipt: null,
  why: 'Twilio did not answer',
  unanswered: true,
});
const unreadable = async (): Promise<Report> => ({
  receipt: null,
  why: 'Twilio answered without it',
  unanswered: false,
});

test('a message without receipts is delivered when Twilio reports it, and the timeline shows the query', async () => {
  const id = await sentAndKnown();
  expect(await duty().runOnce()).toBe(1);
  expect(await state(id)).toBe('delivered');
  const shown = await getNotification(it.db.sql, { appId: it.appId, environment: 'test' }, id);
  expect(shown?.receipts).toMatchObject([{ kind: 'delivered', movedTo: 'delivered' }]);
  expect(await journal(id)).toMatchObject([
    {
      actor: 'reports',
      state: 'delivered',
      reason: 'twilio-silent was asked what became of it, and says: delivered',
    },
  ]);
});

test('a number that does not exist fails the message, is suppressed and disables its contact point', async () => {
  const { sql } = it.db;
  await sql`insert into recipients (app_id, environment, id) values (${it.appId}, 'test', 'ada')`;
  await sql`
    insert into contact_points (app_id, environment, recipient_id, kind, address)
    values (${it.appId}, 'test', 'ada', 'phone', ${UNDELIVERED})`;
  const id = await sentAndKnown(UNDELIVERED);
  await duty().runOnce();
  expect(await stateOf(sql, id)).toMatchObject({ state: 'failed', error_code: '30005' });
  expect(
    await sql`select reason from suppressions where address_hash = ${addressHash(it.appId, 'sms', UNDELIVERED)}`,
  ).toEqual([{ reason: 'bounce' }]);
  const [point] =
    await sql`select disabled_at, disabled_reason from contact_points where address = ${UNDELIVERED}`;
  expect(point).toMatchObject({
    disabled_at: expect.any(Date),
    disabled_reason: expect.stringContaining('30005'),
  });
});

test('STOP, found by a query, suppresses the number', async () => {
  const id = await sentAndKnown(STOPPED);
  await duty().runOnce();
  expect(await stateOf(it.db.sql, id)).toMatchObject({ state: 'failed', error_code: '21610' });
  const hash = addressHash(it.appId, 'sms', STOPPED);
  expect(await it.db.sql`select reason from suppressions where address_hash = ${hash}`).toEqual([
    { reason: 'stop' },
  ]);
});

test('an account with a callback is not queried, and without an account to query nothing is read', async () => {
  const id = await sentAndKnown(ARRIVES, 'twilio');
  expect(await duty().runOnce()).toBe(0);
  expect(await state(id)).toBe('sent');
  const broken = new Proxy((() => {}) as never, {
    apply: () => {
      throw new Error('the database was asked');
    },
  });
  const idle = reports({
    sql: broken,
    accounts: [accountOf('twilio')],
    onError: (error) => errors.push(error),
  });
  expect(await idle.runOnce()).toBe(0);
});

test('a message is queried at the times of the schedule, and for the last time when its validity is over', async () => {
  const id = await send(UNREPORTED);
  const asker = duty();
  const times: (number | null)[] = [];
  for (const seconds of [20, 11, 60, 30, 8 * MINUTE, 10 * MINUTE, 50 * MINUTE, 9 * HOUR, HOUR, 5 * HOUR]) {
    await age(id, seconds);
    await asker.runOnce();
    times.push(await timesAsked(id));
  }
  // 20 s, 31 s, 91 s, 2 min, 10 min, 20 min, 70 min, 10 h 10 min, 11 h, 16 h.
  expect(times).toEqual([null, 1, 1, 2, 3, 3, 4, 5, 5, 5]);
  expect(await state(id)).toBe('sent');
  expect(await journal(id)).toMatchObject([
    { reason: 'twilio-silent was asked for the last time what became of it, and says: accepted' },
  ]);
});

test('messages sent days ago are not queried', async () => {
  const id = await sentAndKnown();
  await age(id, 40 * HOUR);
  expect(await duty().runOnce()).toBe(0);
  expect(await timesAsked(id)).toBeNull();
});

test('one that was accepted days before it was sent is found by the rotation', async () => {
  const id = await sentAndKnown();
  await it.db.sql`update notifications set created_at = now() - interval '9 days' where id = ${id}`;
  await duty().runOnce();
  expect(await state(id)).toBe('delivered');
});

test('a message that becomes due between two turns is found without the rotation', async () => {
  const id = await sentAndKnown();
  await age(id, 15);
  const { sql } = it.db;
  const turn = reports({ sql, accounts, onError: (error) => errors.push(error), rotationMs: 0 });
  await turn.runOnce();
  expect(await state(id)).toBe('delivered');
});

test('of several nodes one queries', async () => {
  const ids = await Promise.all(Array.from({ length: 12 }, () => send(UNREPORTED)));
  await Promise.all(ids.map((id) => age(id, 60)));
  const { account, asked } = answering(unreadable);
  await Promise.all([duty([account]).runOnce(), duty([account]).runOnce(), duty([account]).runOnce()]);
  expect(asked).toHaveLength(12);
  expect(new Set(asked).size).toBe(12);
});

test('a report and the callback of the same event are one receipt', async () => {
  const id = await sentAndKnown();
  await duty().runOnce();
  const { provider_message_id: theirs } = await stateOf(it.db.sql, id);
  const receipt = { eventId: `${theirs}/delivered`, kind: 'delivered', providerMessageId: theirs! } as const;
  expect(await receiveReceipts(it.db.sql, [{ account: 'twilio-silent', receipt }])).toEqual([]);
  expect(await storedReceipts(id)).toHaveLength(1);
});

test('an answer without information changes nothing and counts as a question', async () => {
  const id = await send();
  await age(id, 60);
  await duty([answering(unreadable).account]).runOnce();
  expect(await state(id)).toBe('sent');
  expect(await storedReceipts(id)).toEqual([]);
  expect(await timesAsked(id)).toBe(1);
});

test('a provider that does not answer is left for the turn, and its messages are queried again', async () => {
  const ids = await Promise.all(Array.from({ length: 25 }, () => sentAndKnown()));
  await simulator.behave({ provider: 'twilio', mode: 'outage', status: 503 });
  const { account, asked } = answering(unanswered);
  expect(await duty([account]).runOnce()).toBe(0);
  expect(asked).toHaveLength(10);
  expect(await duty().runOnce()).toBe(0);
  await fetch(`${simulator.httpUrl}/behaviour`, { method: 'DELETE' });
  for (const id of ids) await age(id, 31);
  expect(await duty().runOnce()).toBe(25);
  for (const id of ids) expect(await state(id)).toBe('delivered');
});

test('a process that died after its question has lost nothing: another one asks when the hold is over', async () => {
  const id = await sentAndKnown();
  let ask = (): void => {};
  const begun = new Promise<void>((resolve) => {
    ask = resolve;
  });
  const { account } = answering(() => {
    ask();
    return new Promise(() => {});
  });
  void duty([account]).runOnce();
  await begun;
  expect(await duty().runOnce()).toBe(0);
  await age(id, 31);
  expect(await duty().runOnce()).toBe(1);
  expect(await state(id)).toBe('delivered');
});

test('an adapter that throws is logged, and the others are queried', async () => {
  const id = await sentAndKnown();
  const { account } = answering(async () => {
    throw new Error('a bug');
  });
  const other = { ...account, id: 'another' };
  expect(await duty([other, account]).runOnce()).toBe(0);
  expect(errors.splice(0)).toEqual([new Error('a bug')]);
  expect(await state(id)).toBe('sent');
});

test('a process that stops begins no more questions', async () => {
  await sentAndKnown();
  const stopping = AbortSignal.abort();
  const { account, asked } = answering(unreadable);
  const { sql } = it.db;
  await reports({ sql, accounts: [account], onError: (error) => errors.push(error), stopping }).runOnce();
  expect(asked).toEqual([]);
});
