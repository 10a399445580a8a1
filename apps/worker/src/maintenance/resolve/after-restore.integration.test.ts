import { randomUUID } from 'node:crypto';
import { openDatabase } from '@carillon/db/connection/client';
import { retryNotification } from '@carillon/db/notifications/retry-notification';
import { applyReceipts } from '@carillon/db/receipts/apply-receipts';
import { markRestored } from '@carillon/db/restore/mark-restored';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import {
  type ResolverUnderTest,
  resolverUnderTest,
} from '../../../../../test/support/resolver-under-test.ts';
import { insertNotification, type NewNotification, stateOf } from '../../../../../test/support/rows.ts';
import { until } from '../../../../../test/support/until.ts';

/** The doubts of a restore before the real resolver, the real pipeline and the simulator. */
let it: ResolverUnderTest;
const HOUR = 3_600_000;

beforeAll(async () => {
  it = await resolverUnderTest();
});
afterEach(async () => {
  expect(it.errors).toEqual([]);
  await it.db.sql`truncate notifications, outbox`;
  await it.db.sql`update installation set restored_to = null, restored_at = null, released_at = null`;
  it.known.restore = null;
});
afterAll(() => it.close());

const only = (...names: string[]) => {
  for (const account of it.accounts) account.environments = names.includes(account.id) ? ['test'] : [];
};
const open = (given: Partial<NewNotification> = {}) =>
  insertNotification(it.db.sql, { appId: it.appId, ...given });

/** As a restore of a backup that is an hour old does it. */
async function mark(released = false): Promise<void> {
  const db = openDatabase({ url: it.databaseUrl, name: 'mark', connections: 1 });
  const at = Date.now();
  await db.sql.begin((tx) => markRestored(tx, new Date(at - HOUR)));
  const [row] = await db.sql<
    [{ to: Date; at: Date }]
  >`select restored_to as to, restored_at as at from installation`;
  it.known.restore = { to: row.to.getTime(), at: row.at.getTime(), released };
  await db.close();
}

/** What the old worker did between the backup and the restore: the call, under the key of the next attempt. */
async function sentSince(account: string, id: string, attempt = 1): Promise<void> {
  const { adapter } = it.accounts.find((each) => each.id === account)!;
  const [row] = await it.db
    .sql`select attempt_count + ${attempt} as n, address from notifications where id = ${id}`;
  const text = `Hello from ${id}`;
  const message =
    adapter.channel === 'sms'
      ? { channel: 'sms' as const, to: row!.address.phone, text }
      : { channel: 'email' as const, to: row!.address.email, subject: 'Hello', text };
  const outcome = await adapter.send(message, {
    notificationId: id,
    attemptId: `${id}/${row!.n}`,
    signal: AbortSignal.timeout(5000),
  });
  expect(outcome).toMatchObject({ class: 'accepted' });
}

const due = (id: string) => it.db.sql`
  update notifications set next_attempt_at = now() where id = ${id} and state = 'in_doubt' and next_attempt_at is not null`;

/** Looks until it is so. */
const becomes = (id: string, state: string, asked = false) =>
  until(`${id} to become ${state}`, async () => {
    await due(id);
    await it.resolveOnce();
    const now = await stateOf(it.db.sql, id);
    return now.state === state && (now.next_attempt_at === null) === (asked || state !== 'in_doubt');
  });

/** A few looks change nothing. */
async function stays(id: string): Promise<void> {
  for (let looks = 0; looks < 3; looks++) {
    await due(id);
    await it.resolveOnce();
  }
  expect(await stateOf(it.db.sql, id)).toMatchObject({
    state: 'in_doubt',
    next_attempt_at: expect.any(Date),
  });
}

test('under a key, what was sent since the backup is not sent again, and what was not is sent now', async () => {
  only('resend');
  const [sent, unsent] = [await open(), await open()];
  await sentSince('resend', sent);
  await mark();
  await becomes(sent, 'sent');
  await becomes(unsent, 'sent');
  expect(await it.accepted(sent)).toHaveLength(1);
  expect(await it.accepted(unsent)).toHaveLength(1);
});

test('by a look-up, what was sent since is found, however long ago, and what was not is sent', async () => {
  only('twilio');
  const [sent, unsent] = [await open({ channel: 'sms' }), await open({ channel: 'sms' })];
  await sentSince('twilio', sent);
  await mark();
  await becomes(sent, 'sent');
  await becomes(unsent, 'pending');
  await it.deliver('twilio', unsent);
  expect(await stateOf(it.db.sql, unsent)).toMatchObject({ state: 'sent' });
  expect(await it.accepted(sent)).toHaveLength(1);
  expect(await it.accepted(unsent)).toHaveLength(1);
});

test('by a look-up, it is found whatever the number of the attempt that was accepted, and at a fallback, too', async () => {
  for (const [names, account] of [
    [['postmark'], 'postmark'],
    [['sendgrid'], 'sendgrid'],
    [['resend', 'postmark'], 'postmark'],
    [['twilio', 'termii'], 'termii'],
  ] as const) {
    only(...names);
    const id = await open({ channel: account === 'termii' ? 'sms' : 'email' });
    await sentSince(account, id, 3);
    const copies = (await it.simulator.ledger()).length;
    await mark(true);
    await becomes(id, 'sent');
    expect(await stateOf(it.db.sql, id)).toMatchObject({ provider: account });
    expect(await it.simulator.ledger()).toHaveLength(copies);
  }
});

test('a call that was out when the backup was taken is settled by the account that it named', async () => {
  only('twilio', 'resend');
  const id = await open({ channel: 'sms' });
  await it.simulator.behave({ provider: 'twilio', mode: 'accept_then_drop' });
  await it.deliver('twilio', id);
  await fetch(`${it.simulator.httpUrl}/behaviour`, { method: 'DELETE' });
  // As the backup saw it: leased, and the attempt open.
  await it.db.sql`
    update notifications set state = 'sending', lease_token = gen_random_uuid(), lease_until = now(), next_attempt_at = null
    where id = ${id}`;
  await it.db
    .sql`update delivery_attempts set outcome = null, finished_at = null where notification_id = ${id}`;
  await mark();
  await becomes(id, 'sent');
  expect(await stateOf(it.db.sql, id)).toMatchObject({ attempt_count: 1, provider: 'twilio' });
  expect(await it.accepted(id)).toHaveLength(1);
});

test('a person may have it sent again, knowing the risk, and it goes without another check', async () => {
  only('smtp');
  const id = await open();
  await mark();
  await becomes(id, 'in_doubt', true);
  const tenant = { appId: it.appId, environment: 'test' } as const;
  await retryNotification(it.db.sql, tenant, id, true, 'staff:ada@acme.example');
  await it.deliver('smtp', id);
  expect(await stateOf(it.db.sql, id)).toMatchObject({ state: 'sent', attempt_count: 2 });
});

test('a receipt that comes after the restore settles what waits for a person', async () => {
  only('smtp', 'ses');
  for (const account of it.accounts) if (account.id === 'ses') account.order = 1;
  const id = await open();
  await mark();
  await becomes(id, 'in_doubt', true);
  const receipt = {
    kind: 'delivered',
    eventId: 'e1',
    notificationId: id,
    attempt: 1,
    providerMessageId: 'm1',
  };
  await it.db.sql`
    insert into provider_logs (provider_account, event_id, kind, notification_id, attempt, provider_message_id, body)
    values ('ses', 'e1', 'delivered', ${id}, 1, 'm1', ${JSON.stringify(receipt)}::text::jsonb)`;
  await applyReceipts(it.db.sql, [{ account: 'ses', eventId: 'e1' }]);
  expect(await stateOf(it.db.sql, id)).toMatchObject({ state: 'delivered', provider: 'ses' });
});

test('where nothing can be asked, it waits for a person, whatever its priority', async () => {
  only('smtp');
  for (const priority of ['critical', 'normal', 'bulk'] as const) {
    const id = await open({ priority });
    await mark();
    await becomes(id, 'in_doubt', true);
    expect(await it.accepted(id)).toHaveLength(0);
    await it.db.sql`update installation set released_at = now()`;
  }
});

test('a bulk message is not even repeated under its key before the release, but it is looked up', async () => {
  only('resend', 'twilio');
  const byKey = await open({ priority: 'bulk' });
  const byLookUp = await open({ priority: 'bulk', channel: 'sms' });
  await sentSince('twilio', byLookUp);
  await mark();
  await stays(byKey);
  expect(await it.accepted(byKey)).toHaveLength(0);
  await becomes(byLookUp, 'sent');
  it.known.restore = { ...it.known.restore!, released: true };
  await becomes(byKey, 'sent');
});

test('what cannot have been sent since the backup stays as it was', async () => {
  only('resend', 'twilio', 'inbox');
  const soon = new Date(Date.now() + HOUR);
  const ids = [
    await open({ state: 'scheduled', nextAttemptAt: soon, sendAt: soon }),
    await open({ channel: 'in_app' }),
    await open({ expiresAt: new Date(Date.now() - 2 * HOUR) }),
  ];
  const before = await Promise.all(ids.map((id) => stateOf(it.db.sql, id)));
  await mark();
  expect(await Promise.all(ids.map((id) => stateOf(it.db.sql, id)))).toEqual(before);
  const [row] = await it.db.sql`select suspects, untouched from installation`;
  expect(row).toEqual({ suspects: 0, untouched: 3 });
});

test('of an ordering key the older one is settled before the younger one is repeated', async () => {
  only('resend');
  const ids = [await open(), await open()];
  for (const [at, id] of ids.entries())
    await it.db.sql`
      with keyed as (update notifications set ordering_key = 'k', created_at = now() + ${at} * interval '1 ms' where id = ${id})
      insert into notification_order (notification_id, app_id, environment, ordering_key) values (${id}, ${it.appId}, 'test', 'k')`;
  await mark();
  await it.simulator.behave({ provider: 'resend', status: 500 });
  await it.resolveOnce();
  await due(ids[1]!);
  await it.resolveOnce();
  const journal = (await it.journal(ids[1]!)).map(({ detail }) => detail?.decision);
  expect(journal).not.toContain('repeat');
  await fetch(`${it.simulator.httpUrl}/behaviour`, { method: 'DELETE' });
  await becomes(ids[0]!, 'sent');
  await becomes(ids[1]!, 'sent');
});

test('a request made since the restore is checked as well; one without a key of the client is sent', async () => {
  only('twilio', 'smtp');
  await mark();
  const repeated = await open({ channel: 'sms' });
  await sentSince('twilio', repeated);
  // Sent before the restore, as far as the provider knows.
  const at = Date.now();
  it.known.restore = { ...it.known.restore!, at };
  await it.db.sql`update notifications set created_at = ${new Date(at + 1)} where id = ${repeated}`;
  await it.deliver('twilio', repeated);
  expect(await stateOf(it.db.sql, repeated)).toMatchObject({ state: 'in_doubt', error_code: 'restored' });
  await becomes(repeated, 'sent');
  expect(await it.accepted(repeated)).toHaveLength(1);
  const keyless = await open();
  await it.db.sql`
    update notifications set idempotency_key = ${`auto_${randomUUID()}`}, created_at = now() + interval '1 s' where id = ${keyless}`;
  await it.deliver('smtp', keyless);
  expect(await stateOf(it.db.sql, keyless)).toMatchObject({ state: 'sent' });
});
