import type { AttemptEnd } from '@carillon/core/notification/attempt-end';
import { type Database, openDatabase } from '@carillon/db/connection/client';
import type { ProviderAccount } from '@carillon/providers/contract';
import { NotStored } from '@carillon/providers/inbox/send';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { type TestDatabase, testDatabase } from '../../../../test/support/database.ts';
import { laneExpecting } from '../../../../test/support/delivery-context.ts';
import { insertApp, insertNotification, stateOf } from '../../../../test/support/rows.ts';
import { claim } from './claim.ts';
import type { Claimed } from './claimed.ts';
import { inboxStore } from './inbox-store.ts';
import { record } from './record.ts';

let database: TestDatabase;
let db: Database;
let appId: string;
const errors: unknown[] = [];
const onError = (error: unknown): void => void errors.push(error);

beforeAll(async () => {
  database = await testDatabase();
  db = openDatabase({ url: database.url, name: 'test', lockTimeoutMs: 300 });
  appId = await insertApp(db.sql);
});
afterEach(async () => {
  errors.length = 0;
  await db.sql.unsafe('drop trigger if exists poison on notifications');
});
afterAll(async () => {
  await db.close();
  await database.drop();
});

const account = { id: 'resend', adapter: { guarantee: 'A' } } as ProviderAccount;
const message = { channel: 'email', to: 'ada@example.test', subject: 'Hello', text: 'Hello' } as const;
const accepted = (providerMessageId: string): AttemptEnd => ({
  kind: 'answered',
  outcome: { class: 'accepted', providerMessageId },
  account,
  latencyMs: 5,
  message,
});
const inDoubt = (text: string): AttemptEnd => ({
  kind: 'answered',
  outcome: { class: 'in_doubt', code: 'timeout', message: text, phase: 'written' },
  account,
  latencyMs: 5,
  message: { ...message, text },
});
const newLane = () => laneExpecting('resend', { sql: db.sql, onError });
const newClaim = () => {
  const lane = newLane();
  return (id: string) => claim(lane, id);
};
const newRecord = () => {
  const lane = newLane();
  return (claimed: Claimed, end: AttemptEnd) => record(lane, claimed, end);
};
const insert = (count: number) =>
  Promise.all(Array.from({ length: count }, () => insertNotification(db.sql, { appId })));

async function claimed(count: number): Promise<Claimed[]> {
  const claim = newClaim();
  const given = await Promise.all((await insert(count)).map(claim));
  return given.map((each) => {
    if (!each.ok) throw new Error('the claim was refused');
    return each.claimed;
  });
}

/** Makes PostgreSQL refuse every update of this notification because of its values. */
async function poison(id: string, when = 'true'): Promise<void> {
  await db.sql.unsafe(`
    create or replace function poison() returns trigger language plpgsql as $$
    begin
      if new.id = '${id}' and ${when} then raise exception 'poisonous' using errcode = '22P05'; end if;
      return new;
    end $$;
    create trigger poison before update on notifications for each row execute function poison();`);
}

const reasonsOf = async (id: string): Promise<string[]> =>
  (
    await db.sql<{ reason: string }[]>`
      select reason from notification_history where notification_id = ${id} order by id`
  ).map(({ reason }) => reason);

describe('of a group in which one member cannot be stored', () => {
  test('the claim takes all others, and that one ends as failed with a code and a reason', async () => {
    const ids = await insert(30);
    await poison(ids[11]!, `new.state = 'sending'`);
    const claim = newClaim();
    const given = await Promise.all(ids.map(claim));
    expect(given.map(({ ok }) => ok)).toEqual(ids.map((_, n) => n !== 11));
    expect(given[11]).toMatchObject({ delivery: { now: 'stuck' } });
    const [row] =
      await db.sql`select state, error_code, attempt_count from notifications where id = ${ids[11]!}`;
    expect(row).toEqual({ state: 'failed', error_code: 'unstorable', attempt_count: 0 });
    expect(await reasonsOf(ids[11]!)).toEqual([expect.stringContaining('22P05')]);
    expect(errors).toHaveLength(1);
  });

  test('the record keeps the outcome of each, of the faulty one without the text that came with it', async () => {
    const mine = await claimed(20);
    await poison(mine[7]!.id, `new.provider_message_id = 'm-7'`);
    const record = newRecord();
    const ends = await Promise.all(mine.map((each, n) => record(each, accepted(`m-${n}`))));
    expect(ends).toEqual(mine.map(() => ({ now: 'settled', state: 'sent' })));
    const [row] =
      await db.sql`select state, provider_message_id as their from notifications where id = ${mine[7]!.id}`;
    expect(row).toEqual({ state: 'sent', their: 'unstorable' });
    expect(errors).toHaveLength(1);
  });

  test('a claim that is given back unsent ends as failed, the others are given back', async () => {
    const mine = await claimed(8);
    await poison(mine[3]!.id, `new.state = 'retrying'`);
    const record = newRecord();
    const unsent: AttemptEnd = { kind: 'unsent', retryInMs: 60_000, reason: 'waits' };
    const ends = await Promise.all(mine.map((each) => record(each, unsent)));
    expect(ends.map(({ now }) => now)).toEqual(mine.map((_, n) => (n === 3 ? 'stuck' : 'waiting')));
    expect(await stateOf(db.sql, mine[3]!.id)).toMatchObject({ state: 'failed', error_code: 'unstorable' });
    const [open] =
      await db.sql`select count(*)::int as n from delivery_attempts where notification_id = ${mine[3]!.id}`;
    expect(open!.n).toBe(0);
  });

  test('the inbox has the others, and reports that it does not have that one', async () => {
    const ids = await insert(9);
    await db.sql`insert into recipients (id, app_id, environment) values ('ada', ${appId}, 'test')`;
    const store = inboxStore(db.sql, () => {});
    const entry = (id: string, n: number) => ({
      notificationId: id,
      appId,
      environment: 'test' as const,
      recipientId: 'ada',
      title: n === 4 ? '\ud83d' : 'Hello',
      body: 'There',
      url: null,
    });
    const ends = await Promise.allSettled(ids.map((id, n) => store(entry(id, n))));
    expect(ends.map(({ status }) => status)).toEqual(ids.map((_, n) => (n === 4 ? 'rejected' : 'fulfilled')));
    const { reason } = ends[4] as PromiseRejectedResult;
    expect(reason).toBeInstanceOf(NotStored);
    expect(reason.outcome).toMatchObject({ class: 'rejected', code: 'unstorable' });
    const rows = await db.sql`select notification_id as id from inbox_messages`;
    expect(new Set(rows.map(({ id }) => id))).toEqual(new Set(ids.filter((_, n) => n !== 4)));
  });
});

test.each([
  ['NUL', 'a\u0000b', 'a\ufffdb'],
  ['half a surrogate pair', 'a\ud83d', 'a\ufffd'],
])('%s in what a provider says is stored as U+FFFD, with the words around it', async (_, text, expected) => {
  const [mine, doubtful] = await claimed(2);
  const record = newRecord();
  await Promise.all([record(mine!, accepted(text)), record(doubtful!, inDoubt(text))]);
  const [row] =
    await db.sql`select state, provider_message_id as their from notifications where id = ${mine!.id}`;
  expect(row).toEqual({ state: 'sent', their: expected });
  const [attempt] = await db.sql`
    select error, rendered ->> 'text' as text from delivery_attempts where notification_id = ${doubtful!.id}`;
  expect(attempt).toEqual({ error: expected, text: expected });
  expect(errors).toEqual([]);
});

describe('while another transaction has one row of a group locked', () => {
  /** Holds a row until the returned function is called. */
  async function locked(id: string): Promise<() => Promise<void>> {
    const other = openDatabase({ url: database.url, name: 'other', connections: 1 });
    let letGo = (): void => {};
    const held = new Promise<void>((resolve) => {
      letGo = resolve;
    });
    let isLocked = (): void => {};
    const isHeld = new Promise<void>((resolve) => {
      isLocked = resolve;
    });
    const transaction = other.sql.begin(async (tx) => {
      await tx`select from notifications where id = ${id} for update`;
      isLocked();
      await held;
    });
    await isHeld;
    return async () => {
      letGo();
      await transaction;
      await other.close();
    };
  }

  test('the others are claimed; that one is looked at again, apart from them, and claimed when it is free', async () => {
    const ids = await insert(20);
    const letGo = await locked(ids[5]!);
    const claim = newClaim();
    const given = await Promise.all(ids.map(claim));
    expect(given.map(({ ok }) => ok)).toEqual(ids.map((_, n) => n !== 5));
    expect(given[5]).toMatchObject({ delivery: { now: 'waiting' } });
    expect((await stateOf(db.sql, ids[5]!)).state).toBe('pending');

    const again = claim(ids[5]!);
    const [more] = await insert(1);
    expect(await claim(more!)).toMatchObject({ ok: true });
    expect(await again).toMatchObject({ delivery: { now: 'waiting' } });
    await letGo();
    expect(await claim(ids[5]!)).toMatchObject({ ok: true });
    expect(errors).toEqual([]);
  });

  test('the answers of the others are recorded, and its own when it is free', async () => {
    const mine = await claimed(20);
    const letGo = await locked(mine[5]!.id);
    const record = newRecord();
    const ends = mine.map((each, n) => record(each, accepted(`m-${n}`)));
    const others = await Promise.all(ends.filter((_, n) => n !== 5));
    expect(others).toEqual(others.map(() => ({ now: 'settled', state: 'sent' })));
    expect((await stateOf(db.sql, mine[5]!.id)).state).toBe('sending');
    await letGo();
    expect(await ends[5]).toEqual({ now: 'settled', state: 'sent' });
  });
});
