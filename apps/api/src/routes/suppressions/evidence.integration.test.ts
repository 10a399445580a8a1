import { randomUUID } from 'node:crypto';
import type { Receipt } from '@carillon/core/provider/receipt';
import { addressHash } from '@carillon/core/recipient/suppression';
import { claimNotifications } from '@carillon/db/attempts/claim-notifications';
import { recordOutcomes } from '@carillon/db/attempts/record-outcomes';
import { applyRejections } from '@carillon/db/receipts/apply-rejections';
import { receiveReceipts } from '@carillon/db/receipts/receive-receipts';
import { pruneProviderLogs } from '@carillon/db/receipts/store-receipts';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type ApiUnderTest, apiUnderTest } from '../../../../../test/support/api.ts';
import { type TestDatabase, testDatabase } from '../../../../../test/support/database.ts';
import { insertNotification } from '../../../../../test/support/rows.ts';

let database: TestDatabase;
let api: ApiUnderTest;
/** Messages of these tests belong to the test environment. */
let testKey: string;

beforeAll(async () => {
  database = await testDatabase();
  api = await apiUnderTest(database.url);
  testKey = await api.key({ environment: 'test' });
});
afterAll(async () => {
  await api.close();
  await database.drop();
});

const hashOf = (address: string) => addressHash(api.appId, 'email', address).toString('hex');
const call = (method: string, path: string, body?: unknown, key = testKey) =>
  api.request(method, path, body, { key });
const read = (address: string) => call('GET', `/v1/suppressions/email/${hashOf(address)}`);

/** A message to the address that the provider took. */
async function sentTo(email: string): Promise<{ id: string; theirId: string }> {
  const id = await insertNotification(api.db.sql, { appId: api.appId, email });
  const leaseToken = randomUUID();
  await claimNotifications(api.db.sql, [id], {
    channel: 'email',
    provider: 'resend',
    leaseToken,
    leaseMs: 30_000,
  });
  const theirId = randomUUID();
  await recordOutcomes(api.db.sql, [
    {
      id,
      n: 1,
      leaseToken,
      state: 'sent',
      outcome: 'accepted',
      phase: 'answered',
      provider: 'resend',
      latencyMs: 5,
      providerMessageId: theirId,
    },
  ]);
  return { id, theirId };
}

const BOUNCED = {
  kind: 'bounced',
  code: '550 5.1.1',
  detail: 'user unknown (host mx.example said so)',
} as const;

async function bounce(address: string): Promise<string> {
  const { id, theirId } = await sentTo(address);
  const receipt: Receipt = { ...BOUNCED, eventId: `evt_${id}`, providerMessageId: theirId, address };
  await receiveReceipts(api.db.sql, [{ account: 'resend', receipt }]);
  return id;
}

test("a bounced address is shown with the provider's own words and the message they were about", async () => {
  const id = await bounce('gone@example.com');
  const { status, body } = await read('Gone@Example.com');
  expect(status).toBe(200);
  expect(body).toMatchObject({
    reason: 'bounce',
    added_by: 'provider',
    cause: { provider: 'resend', notification_id: id },
    evidence: {
      state: 'kept',
      source: 'receipt',
      provider: 'resend',
      code: BOUNCED.code,
      text: BOUNCED.detail,
      notification_id: id,
      attempt_id: `${id}/1`,
      receipt: { kind: 'bounced', eventId: `evt_${id}` },
    },
  });
  expect(JSON.stringify(body)).not.toContain('gone@example.com');
});

test('evidence that retention has removed is called purged, and the cause stays', async () => {
  const id = await bounce('purged@example.com');
  await pruneProviderLogs(api.db.sql, new Date(Date.now() + 60_000), 1_000);
  const { body } = await read('purged@example.com');
  expect(body.evidence).toMatchObject({ state: 'purged', text: null, receipt: null });
  expect(body.cause).toEqual({ provider: 'resend', notification_id: id });
});

test('a suppression that an earlier release wrote is traced to its receipt where that is kept', async () => {
  const id = await bounce('old@example.com');
  await bounce('other@example.com');
  await api.db.sql`
    update suppressions set added_by = null, provider_account = null, event_id = null, notification_id = null`;
  const { body } = await read('old@example.com');
  expect(body).toMatchObject({ added_by: null, cause: null });
  expect(body.evidence).toMatchObject({
    state: 'kept',
    source: 'receipt',
    notification_id: id,
    text: BOUNCED.detail,
  });
  await api.db.sql`update suppressions set created_at = created_at + interval '1 second'`;
  expect((await read('old@example.com')).body.evidence).toMatchObject({ state: 'unrecorded', receipt: null });
});

test('an address that was refused at the call is shown with that answer', async () => {
  const { id } = await sentTo('refused@example.com');
  await api.db.sql`
    update delivery_attempts set outcome = 'rejected', error_code = '550', error = '5.1.1 no such user', provider_message_id = null
    where notification_id = ${id}`;
  await api.db.sql.begin((tx) =>
    applyRejections(tx, [
      {
        appId: api.appId,
        environment: 'test',
        channel: 'email',
        address: 'refused@example.com',
        detail: 'resend answered 550: 5.1.1 no such user',
        attempt: { id, n: 1 },
        account: 'resend',
        optedOut: false,
      },
    ]),
  );
  expect((await read('refused@example.com')).body.evidence).toMatchObject({
    state: 'kept',
    source: 'answer',
    provider: 'resend',
    code: '550',
    text: '5.1.1 no such user',
    attempt_id: `${id}/1`,
    receipt: null,
  });
});

test('what a person added names them, and no provider', async () => {
  await call('POST', '/v1/suppressions', { channel: 'email', address: 'by-hand@example.com' });
  const { body } = await read('by-hand@example.com');
  expect(body).toMatchObject({
    added_by: expect.stringMatching(/^key:/),
    cause: null,
    evidence: { state: 'none' },
  });
});

test('it is lifted by its hash, with a reason that the audit log keeps, and is 404 from then on', async () => {
  await bounce('lift@example.com');
  const path = `/v1/suppressions/email/${hashOf('lift@example.com')}`;
  const lifted = await call('DELETE', path, { reason: 'ticket 12: the mailbox is back' });
  expect(lifted.status).toBe(204);
  expect((await call('DELETE', path)).status).toBe(204);
  expect(await read('lift@example.com')).toMatchObject({ status: 404, body: { code: 'not_found' } });
  const subject = `suppression:email/${hashOf('lift@example.com')}`;
  const entries = await api.db.sql<{ action: string; detail: object }[]>`
    select action, detail from audit_log where subject = ${subject}`;
  expect([...entries]).toEqual([
    {
      action: 'suppression.remove',
      detail: { environment: 'test', was: 'bounce', reason: 'ticket 12: the mailbox is back' },
    },
  ]);
});

test('a key that may only read suppressions lists and reads them and lifts none', async () => {
  await bounce('kept@example.com');
  const key = await api.key({ environment: 'test', scopes: ['suppressions:read'] });
  const path = `/v1/suppressions/email/${hashOf('kept@example.com')}`;
  expect((await api.request('GET', path, undefined, { key })).status).toBe(200);
  expect((await api.request('GET', '/v1/suppressions', undefined, { key })).status).toBe(200);
  expect((await api.request('DELETE', path, undefined, { key })).status).toBe(403);
  expect(
    (
      await api.request(
        'DELETE',
        '/v1/suppressions',
        { channel: 'email', address: 'kept@example.com' },
        { key },
      )
    ).status,
  ).toBe(403);
});

test('another app finds nothing under the same hash', async () => {
  await bounce('theirs@example.com');
  const [other] = await api.db.sql<[{ id: string }]>`insert into apps (name) values ('other') returning id`;
  const key = await api.key({ appId: other.id, environment: 'test' });
  const path = `/v1/suppressions/email/${hashOf('theirs@example.com')}`;
  expect((await api.request('GET', path, undefined, { key })).status).toBe(404);
  expect((await api.request('DELETE', path, undefined, { key })).status).toBe(204);
  expect((await read('theirs@example.com')).status).toBe(200);
});

test('the newest-first list pages through all of them, also by reason and channel', async () => {
  const key = await api.key();
  const add = (body: object) => api.request('POST', '/v1/suppressions', body, { key });
  for (let n = 0; n < 5; n++) {
    await add({ channel: 'email', address: `n${n}@example.com`, reason: n % 2 ? 'manual' : 'complaint' });
    await add({ channel: 'push', address: `token-${n}`, reason: 'manual' });
  }
  const walk = async (query: string): Promise<{ created_at: string; reason: string; channel: string }[]> => {
    const rows = [];
    for (let cursor: string | null = ''; cursor !== null; ) {
      const path: string = `/v1/suppressions?sort=newest&limit=2${query}${cursor && `&cursor=${cursor}`}`;
      const { body } = await api.request('GET', path, undefined, { key });
      rows.push(...body.data);
      cursor = body.next_cursor;
    }
    return rows;
  };
  const all = await walk('');
  expect(all).toHaveLength(10);
  const times = all.map(({ created_at }) => created_at);
  expect(times).toEqual([...times].sort().reverse());
  expect(await walk('&reason=complaint')).toHaveLength(3);
  const push = await walk('&channel=push');
  expect(new Set(push.map(({ channel }) => channel))).toEqual(new Set(['push']));
  expect(push).toHaveLength(5);
});

test('the list comes as a file, in which nothing can be taken for a formula', async () => {
  const [other] = await api.db.sql<[{ id: string }]>`insert into apps (name) values ('csv') returning id`;
  const key = await api.key({ appId: other.id });
  await api.request(
    'POST',
    '/v1/suppressions',
    { channel: 'email', address: 'csv@example.com', detail: '=1+1' },
    { key },
  );
  const response = await api.app.request('/v1/suppressions?format=csv&sort=newest', {
    headers: { authorization: `Bearer ${key}` },
  });
  expect(response.headers.get('content-type')).toBe('text/csv; charset=utf-8');
  expect(response.headers.get('content-disposition')).toBe('attachment; filename="suppressions.csv"');
  expect(response.headers.get('next-cursor')).toBeNull();
  const [head, first] = (await response.text()).split('\r\n');
  expect(head).toBe('channel,address_hash,reason,detail,added_by,provider,notification_id,created_at');
  expect(first).toMatch(/^email,[0-9a-f]{64},manual,'=1\+1,key:/);
});
