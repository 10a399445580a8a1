import { createHmac } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createApiKey } from '@carillon/core/access/api-key';
import { simulatorAccounts } from '@carillon/simulator/simulator-accounts';
import { type Simulator, startSimulator } from '@carillon/simulator/start';
import { PROGRAMS, type Program } from '@carillon/telemetry/metrics/row';
import { type MetricName, metricsOf } from '@carillon/telemetry/metrics/table';
import postgres from 'postgres';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { type TestDatabase, testDatabase } from './support/database.ts';
import { COUNTED_STATES, countedIn, watchEntered } from './support/entered-states.ts';
import { type Program as Started, startProgram } from './support/program.ts';
import { type TestRedis, testRedis } from './support/redis.ts';
import { insertApp } from './support/rows.ts';
import { until } from './support/until.ts';

/** Starting programs takes seconds, on a busy machine many. */
vi.setConfig({ testTimeout: 180_000, hookTimeout: 240_000 });

/**
 * The three programs as they run in production, the simulator as their providers, and an endpoint for events: what
 * happens to messages is found, with its exact number, on GET /metrics.
 */
let database: TestDatabase;
let redis: TestRedis;
let sql: postgres.Sql;
let appId: string;
let enteredStates: Awaited<ReturnType<typeof watchEntered>>;
let key: string;
let simulator: Simulator;
let endpoint: Server;
let directory: string;
const started: Started[] = [];
const urls = {} as Record<Program, string>;

const SCRIPTS = {
  api: { script: 'apps/api/src/main.ts', port: 'API_PORT', up: /"url":"([^"]+)"/ },
  worker: { script: 'apps/worker/src/main.ts', port: 'WORKER_PORT', up: /"url":"([^"]+)"/ },
  dashboard: { script: 'apps/dashboard/server/main.ts', port: 'DASHBOARD_PORT', up: /"url":"([^"]+)"/ },
} as const;

async function start(program: Program, env: Record<string, string> = {}): Promise<void> {
  const { script, port, up } = SCRIPTS[program];
  const servers = { DATABASE_URL: database.url, REDIS_URL: redis.url, NAMESPACE: redis.namespace };
  const run = startProgram(script, { ...servers, [port]: '0', WEBHOOKS_ALLOW_PRIVATE: 'true', ...env });
  started.push(run);
  urls[program] = await run.says(up);
}

beforeAll(async () => {
  redis = testRedis();
  database = await testDatabase();
  sql = postgres(database.url, { max: 1, onnotice: () => {} });
  appId = await insertApp(sql);
  enteredStates = await watchEntered(sql, COUNTED_STATES);
  const made = createApiKey('live');
  key = made.text;
  await sql`
    insert into api_keys (id, app_id, environment, name, secret_hash, scopes)
    values (${made.keyId}, ${appId}, 'live', 'test', ${made.secretHash}, ${['admin']})`;
  await start('api');
  directory = mkdtempSync(path.join(tmpdir(), 'carillon-metrics-'));
  simulator = await startSimulator({ dataDirectory: directory, receiptsUrl: urls.api });
  const { httpUrl, tlsPort, caFile, smtpUrl } = simulator;
  const address = { httpUrl, tlsHost: '127.0.0.1', tlsPort, caFile, smtpUrl, apiUrl: urls.api };
  const accounts = simulatorAccounts(address)
    .filter(({ id }) => id === 'resend' || id === 'twilio')
    .map((account) => (account.id === 'twilio' ? { ...account, ratePerSecond: 50 } : account));
  const file = path.join(directory, 'providers.json');
  writeFileSync(file, JSON.stringify(accounts));
  await Promise.all([start('worker', { PROVIDERS_FILE: file }), start('dashboard')]);
  endpoint = createServer((_, response) => response.writeHead(204).end());
  await new Promise<void>((resolve) => endpoint.listen(0, '127.0.0.1', resolve));
});
afterAll(async () => {
  await Promise.all(started.map((program) => program.stop()));
  await simulator?.close();
  endpoint?.close();
  rmSync(directory, { recursive: true, force: true });
  await sql.end();
  await redis.clean();
  await database.drop();
});

async function api(method: string, where: string, body?: object): Promise<Record<string, never>> {
  const response = await fetch(`${urls.api}/v1${where}`, {
    method,
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
    ...(body ? { body: JSON.stringify(body) } : {}),
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`${method} ${where}: ${response.status} ${text}`);
  return text === '' ? {} : JSON.parse(text);
}

const content = { subject: 'Hello', text: 'Hello' };
const send = async (request: object): Promise<string> => (await api('POST', '/notifications', request)).id!;
const email = (to: string, more: object = {}) =>
  send({ to: { email: to }, channel: 'email', content, ...more });
/** Makes all calls of providers fail as it says; null ends that. */
const behave = (behaviour: object | null) =>
  fetch(`${simulator.httpUrl}/behaviour`, {
    method: behaviour === null ? 'DELETE' : 'PUT',
    ...(behaviour === null ? {} : { body: JSON.stringify(behaviour) }),
  });
const becomes = (id: string, state: string) =>
  until(
    `${id} to become ${state}`,
    async () => {
      const [row] = await sql`select state from notifications where id = ${id}`;
      return row?.state === state;
    },
    { timeoutMs: 60_000 },
  );

type Samples = Map<string, number>;

/** Every sample by its name and labels, as in the text. */
async function scrape(program: Program): Promise<Samples> {
  const text = await (await fetch(`${urls[program]}/metrics`)).text();
  const lines = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  return new Map(lines.map((line) => [line.slice(0, line.lastIndexOf(' ')), Number(line.split(' ').at(-1))]));
}

const entered = (channel: string, provider: string, state: string, priority = 'normal') =>
  `carillon_notifications_total{app="${appId}",channel="${channel}",priority="${priority}",provider="${provider}",state="${state}"}`;

/** Waits for a sample, then expects it to be exactly this: counts come right after their commits. */
async function expectSamples(program: Program, expected: Record<string, number>): Promise<void> {
  let samples: Samples = new Map();
  await until(`the metrics of the ${program}`, async () => {
    samples = await scrape(program);
    return Object.entries(expected).every(([name, value]) => (samples.get(name) ?? 0) >= value);
  }).catch(() => {});
  expect(Object.fromEntries(Object.keys(expected).map((name) => [name, samples.get(name)]))).toEqual(
    expected,
  );
}

test('states, attempts, retries, doubts, receipts, events and groups are counted, each once', async () => {
  const url = `http://127.0.0.1:${(endpoint.address() as AddressInfo).port}/hooks`;
  await api('POST', '/webhook-endpoints', { url });

  const delivered = await email('ok@example.test');
  const bounced = await email('bounce@example.test');
  const refused = await send({ to: { phone: '+15005550001' }, channel: 'sms', content });
  const attachments = [{ filename: 'a.txt', url: 'http://127.0.0.1:1/a.txt' }];
  const retried = await email('ok+1@example.test', { attachments });
  const dead = await email('ok+2@example.test', { attachments, priority: 'critical' });
  await becomes(delivered, 'delivered');
  await becomes(bounced, 'failed');
  await becomes(refused, 'failed');
  await becomes(retried, 'retrying');
  await api('POST', `/notifications/${retried}/cancel`);
  await becomes(dead, 'retrying');
  // Its schedule is used up with the next try.
  await sql`update notifications set tries = 4, attempt_count = 4 where id = ${dead}`;
  await becomes(dead, 'dead');
  await behave({ provider: 'resend', error_rate: 1, status: 500 });
  const doubted = await email('ok+3@example.test');
  await becomes(doubted, 'in_doubt');
  await behave(null);
  await becomes(doubted, 'delivered');
  const suppressed = await email('bounce@example.test');
  await becomes(suppressed, 'suppressed');
  await api('PUT', '/recipients/ada', { email: 'ada@example.test' });
  await api('PUT', '/recipients/ada/preferences', { channels: { email: false } });
  const skipped = await send({ to: { recipient_id: 'ada' }, channel: 'email', content });
  await becomes(skipped, 'skipped');
  const late = await email('late@example.test', { send_at: new Date(Date.now() + 3_000).toISOString() });
  await sql`update notifications set expires_at = now() where id = ${late}`;
  await becomes(late, 'expired');

  const created = (channel: string, priority?: string) => entered(channel, '', 'created', priority);
  await expectSamples('api', {
    [created('email')]: 7,
    [created('email', 'critical')]: 1,
    [created('sms')]: 1,
    [entered('email', 'resend', 'delivered')]: 2,
    [entered('email', 'resend', 'failed')]: 1,
    [entered('email', '', 'cancelled')]: 1,
    'carillon_receipts_applied_total{provider="resend",kind="delivered",result="moved"}': 2,
    'carillon_receipts_applied_total{provider="resend",kind="bounced",result="moved"}': 1,
    'carillon_api_receipts_total{provider="resend",outcome="receipts"}': 3,
    'carillon_api_accepted_total{outcome="fresh",priority="normal"}': 8,
    [`carillon_app_info{app="${appId}",name="Test app"}`]: 1,
  });
  // The call is repeated for as long as the provider answers 500, and each time it is in doubt again.
  const journal = await sql`
    select from (
      select state, lag(state) over (order by id) as before from notification_history where notification_id = ${doubted}
    ) entries
    where state = 'in_doubt' and before is distinct from 'in_doubt'`;
  const doubts = journal.length;
  // How often it was tried before its schedule was shortened depends on how busy the machine is.
  const [{ retries }] = await sql<[{ retries: number }]>`
    select count(*)::int as retries from notification_history where notification_id = ${dead} and state = 'retrying'`;
  await expectSamples('worker', {
    [entered('email', 'resend', 'sent')]: 3,
    [entered('email', 'resend', 'in_doubt')]: doubts,
    [entered('email', 'resend', 'dead', 'critical')]: 1,
    [entered('sms', 'twilio', 'failed')]: 1,
    [entered('email', '', 'suppressed')]: 1,
    [entered('email', '', 'skipped')]: 1,
    [entered('email', '', 'expired')]: 1,
    'carillon_retries_total{provider="resend",channel="email",priority="normal"}': 1,
    'carillon_retries_total{provider="resend",channel="email",priority="critical"}': retries,
    'carillon_attempts_total{provider="twilio",outcome="bad_recipient"}': 1,
    'carillon_doubts_settled_total{how="repeated"}': 1,
    'carillon_delivery_seconds_count{channel="email",priority="normal"}': 3,
    'carillon_limiter_wait_seconds_count{provider="twilio"}': 1,
  });
  const events = Number((await sql`select count(*)::int as count from events`)[0]!.count);
  expect(events).toBeGreaterThan(5);
  await expectSamples('worker', {
    'carillon_event_tries_total{result="delivered"}': events,
    carillon_event_delivery_seconds_count: events,
    carillon_events_pending: 0,
    carillon_dead_notifications: 1,
  });
});

test('receipts that are refused, or belong to no message, are counted', async () => {
  const body = JSON.stringify({ type: 'email.delivered', data: {} });
  const wrong = `v1,${createHmac('sha256', 'wrong').update(body).digest('base64')}`;
  const seconds = String(Math.floor(Date.now() / 1000));
  const response = await fetch(`${urls.api}/v1/receipts/resend/resend`, {
    method: 'POST',
    headers: { 'svix-id': 'msg_1', 'svix-timestamp': seconds, 'svix-signature': wrong },
    body,
  });
  expect(response.status).toBe(401);
  await sql`
    insert into provider_logs (provider_account, event_id, kind, body, received_at)
    values ('resend', 'nobody', 'delivered', '{"kind":"delivered","eventId":"nobody"}', now() - interval '10 min')`;
  await expectSamples('api', {
    'carillon_api_receipts_total{provider="resend",outcome="forged"}': 1,
  });
  await expectSamples('worker', {
    'carillon_receipts_applied_total{provider="resend",kind="delivered",result="unknown"}': 1,
  });
});

test('the dashboard counts requests and logins', async () => {
  const login = await fetch(`${urls.dashboard}/auth/sign-in/email`, {
    method: 'POST',
    headers: { origin: urls.dashboard, 'content-type': 'application/json' },
    body: JSON.stringify({ email: 'nobody@example.test', password: 'wrong' }),
  });
  expect(login.status).toBe(401);
  await expectSamples('dashboard', {
    'carillon_dashboard_logins_total{result="refused"}': 1,
    'carillon_dashboard_request_seconds_count{method="POST",route="/auth/sign-in/email",status="401"}': 1,
    'carillon_server_up{server="postgres"}': 1,
    'carillon_server_up{server="redis"}': 1,
    carillon_database_connections_max: 12,
  });
});

test('over all programs, each state that PostgreSQL saw entered was counted once', async () => {
  const texts = await Promise.all(
    PROGRAMS.map(async (program) => (await fetch(`${urls[program]}/metrics`)).text()),
  );
  expect(countedIn(texts)).toEqual(await enteredStates());
});

/** They have no sample until something happens that does not happen here. */
const SILENT: readonly MetricName[] = [
  'carillon_log_suppressed_total',
  'carillon_breaker_changes_total',
  'carillon_limiter_deferred_total',
  'carillon_maintenance_failures_total',
  // Of an API with a replica: test/replica.integration.test.ts.
  'carillon_replica_in_use',
  'carillon_replica_lag_seconds',
  'carillon_replica_reads_total',
];

test.each(PROGRAMS)(
  '%s exports what the table says, each with a sample, and nothing else',
  async (program) => {
    const names = metricsOf(program).map(([name]) => name);
    const text = await (await fetch(`${urls[program]}/metrics`)).text();
    expect([...text.matchAll(/^# TYPE (carillon_\w+) /gm)].map((match) => match[1]).sort()).toEqual(
      [...names].sort(),
    );
    await until('the gauges of the leader', async () =>
      program === 'worker' ? (await scrape(program)).has('carillon_stuck_audit_age_seconds') : true,
    );
    const samples = [...(await scrape(program)).keys()].map((sample) => sample.split('{')[0]!);
    const seen = new Set(samples.map((sample) => sample.replace(/_(bucket|sum|count)$/, '')));
    const missing = names.filter((name) => !seen.has(name) && !SILENT.includes(name));
    // The dashboard moved no notification here.
    expect(missing).toEqual(program === 'dashboard' ? ['carillon_notifications_total'] : []);
  },
);
