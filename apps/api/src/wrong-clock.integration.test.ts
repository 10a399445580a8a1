import { randomBytes } from 'node:crypto';
import { createApiKey } from '@carillon/core/access/api-key';
import { signWebhook } from '@carillon/core/webhook/standard-webhook';
import postgres from 'postgres';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type ApiProcess, apiProcess } from '../../../test/support/api-process.ts';
import { type TestDatabase, testDatabase } from '../../../test/support/database.ts';
import { TEN_MINUTES_MS, wrongClock } from '../../../test/support/wrong-clock.ts';

/** An API process decides about stored times by PostgreSQL's clock, regardless of its own clock. */
const SHIFTS = [TEN_MINUTES_MS, -TEN_MINUTES_MS];
const MINUTE_MS = 60_000;
/** How far apart two readings of PostgreSQL's clock in one test may be on a busy machine. */
const SLACK_MS = 30_000;

let database: TestDatabase;
let sql: postgres.Sql;
let appId: string;

/** A process takes long to start on a busy machine. */
const START_MS = 100_000;
const key = createApiKey('live');

beforeAll(async () => {
  database = await testDatabase();
  sql = postgres(database.url, { max: 1, onnotice: () => {} });
  const [app] = await sql<[{ id: string }]>`insert into apps (name) values ('wrong clock') returning id`;
  appId = app.id;
  await insertKey(key, null);
});
afterAll(async () => {
  await sql?.end();
  await database?.drop();
});

interface Answer {
  status: number;
  // biome-ignore lint/suspicious/noExplicitAny: tests inspect untyped answers
  body: any;
}

type ApiKey = ReturnType<typeof createApiKey>;
type Ask = (method: string, path: string, body: object, headers?: Record<string, string>) => Promise<Answer>;

async function insertKey({ keyId, secretHash }: ApiKey, expiresAt: Date | null): Promise<void> {
  await sql`insert into api_keys (id, app_id, environment, name, secret_hash, scopes, expires_at)
    values (${keyId}, ${appId}, 'live', 'key', ${secretHash}, ${['admin']}, ${expiresAt})`;
}

async function databaseNow(): Promise<number> {
  const [row] = await sql<[{ now: Date }]>`select now() as now`;
  return row.now.getTime();
}

const code = {
  to: { email: 'ada@example.test' },
  channel: 'email',
  priority: 'critical',
  content: { subject: 'Your code', text: '918273' },
};
const at = (ms: number): string => new Date(ms).toISOString();

describe.each(SHIFTS)('by a clock that is %d ms wrong', (shiftMs) => {
  let running: ApiProcess;
  let url: string;

  beforeAll(async () => {
    running = apiProcess({
      ...wrongClock(shiftMs),
      DATABASE_URL: database.url,
      ENCRYPTION_KEYS: `k1:${randomBytes(32).toString('base64')}`,
      API_PORT: '0',
    });
    url = await running.listens();
  }, START_MS);
  afterAll(() => void running?.child.kill('SIGKILL'));

  const ask: Ask = async (method, path, body, headers = { authorization: `Bearer ${key.text}` }) => {
    const response = await fetch(`${url}${path}`, {
      method,
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify(body),
    });
    const text = await response.text();
    return { status: response.status, body: text === '' ? null : JSON.parse(text) };
  };

  test('a time to live counts from the moment of acceptance', async () => {
    const { status, body } = await ask('POST', '/v1/notifications', { ...code, ttl_seconds: 300 });
    expect(status).toBe(202);
    const [row] = await sql<[{ left: number }]>`
    select extract(epoch from expires_at - created_at)::float8 * 1000 as left from notifications where id = ${body.id}`;
    expect(Math.abs(row.left - 5 * MINUTE_MS)).toBeLessThan(SLACK_MS);
  });

  test('an expired send is refused, alone and in a batch, and one that has not expired is accepted', async () => {
    const now = await databaseNow();
    const [past, future] = [now - 5 * MINUTE_MS, now + 5 * MINUTE_MS].map((ms) => ({
      ...code,
      expires_at: at(ms),
    }));
    expect((await ask('POST', '/v1/notifications', past!)).status).toBe(422);
    expect((await ask('POST', '/v1/notifications', future!)).status).toBe(202);
    const { body } = await ask('POST', '/v1/notifications/batch', { notifications: [past, future] });
    expect(body.results.map((result: { status: number }) => result.status)).toEqual([422, 202]);
  });

  test('a key works until it expires, and no longer', async () => {
    const now = await databaseNow();
    const [expired, good] = [createApiKey('live'), createApiKey('live')];
    await insertKey(expired, new Date(now - 5 * MINUTE_MS));
    await insertKey(good, new Date(now + 5 * MINUTE_MS));
    const by = async ({ text }: ApiKey): Promise<number> =>
      (await ask('POST', '/v1/notifications', code, { authorization: `Bearer ${text}` })).status;
    expect([await by(expired), await by(good)]).toEqual([401, 202]);
  });

  test('a receipt signed now is accepted, an old one refused', async () => {
    const id = `resend-${shiftMs < 0 ? 'slow' : 'fast'}`;
    const secret = `whsec_${randomBytes(24).toString('base64')}`;
    const account = await ask('PUT', `/v1/provider-accounts/${id}`, {
      provider: 'resend',
      environments: ['live'],
      from: 'a@example.test',
      credentials: { api_key: 're_1' },
      receipts: { secrets: [secret] },
    });
    expect(account.status, JSON.stringify(account.body)).toBe(201);
    const receipt = async (ms: number): Promise<number> => {
      const seconds = Math.floor(ms / 1000);
      const body = { type: 'email.scheduled', data: {} };
      const headers = {
        'svix-id': 'msg_1',
        'svix-timestamp': String(seconds),
        'svix-signature': signWebhook([secret], 'msg_1', seconds, JSON.stringify(body)),
      };
      return (await ask('POST', `/v1/receipts/resend/${id}`, body, headers)).status;
    };
    const now = await databaseNow();
    expect([await receipt(now), await receipt(now + shiftMs)]).toEqual([200, 401]);
  });
});
