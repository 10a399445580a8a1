import { replicaAdvice } from '@carillon/core/program/replica-trouble';
import { openReplica } from '@carillon/db/replica/open-replica';
import postgres from 'postgres';
import { afterAll, afterEach, beforeAll, describe, expect, inject, test, vi } from 'vitest';
import type { Finding } from '../apps/admin/src/doctor/finding.ts';
import { runAdmin } from '../apps/admin/src/run-admin.ts';
import { READ_PLACES } from '../apps/api/src/reads/read-places.ts';
import { type Answer, type ApiUnderTest, apiUnderTest } from './support/api.ts';
import { insertCampaign, insertTemplate } from './support/campaign-rows.ts';
import { type ReplicatedDatabase, replicatedDatabase } from './support/replicated-database.ts';
import { until } from './support/until.ts';

/** Two servers come up, and some tests wait for a bound of lag to pass. */
vi.setConfig({ testTimeout: 120_000, hookTimeout: 180_000 });

let servers: ReplicatedDatabase;
let admin: postgres.Sql;
let api: ApiUnderTest;
/** Of the tests that wait for it to pass. */
const SHORT_LAG_MS = 2_500;

beforeAll(async () => {
  servers = await replicatedDatabase();
  admin = postgres(servers.pair.url, { max: 1, database: 'installation', onnotice: () => {} });
  api = await opened();
});
/** The last test makes a primary of it. */
let isPromoted = false;
afterEach(async () => {
  if (isPromoted) return;
  await servers.pair.readers.restore();
  await servers.pair.pauseReplay(false);
});
afterAll(async () => {
  await api?.close();
  await admin?.end({ timeout: 1 });
  await servers?.stop();
});

/** An API that reads from the replica; ready when it does. */
async function opened(replicaMaxLagMs = 60_000): Promise<ApiUnderTest> {
  const made = await apiUnderTest(servers.url, { replicaUrl: servers.replicaUrl, replicaMaxLagMs });
  await inUse(made);
  return made;
}
const inUse = (of = api) => until('the replica to be in use', () => of.replica?.state() === 'in_use');

const mail = (key: string) => ({
  to: { email: `${key}@example.test` },
  channel: 'email',
  content: { subject: 'Hello', text: 'Hello' },
  idempotency_key: key,
});
async function sent(key: string, of = api): Promise<string> {
  const { status, body } = await of.request('POST', '/v1/notifications', mail(key));
  expect(status).toBe(202);
  return body.id;
}
const list = (of = api, headers: Record<string, string> = {}) =>
  of.request('GET', '/v1/notifications?limit=200', undefined, { headers });
const ids = ({ body }: Answer): string[] => body.data.map(({ id }: { id: string }) => id);
const lagOf = ({ headers }: Answer): number | null => {
  const said = headers.get('carillon-replica-lag');
  return said === null ? null : Number(said);
};
/** What `carillon-admin doctor` finds about the replica at this address. */
async function doctorSays(url: string): Promise<Finding[]> {
  let out = '';
  await runAdmin(['doctor', '--json', '--skip-providers'], {
    out: (text) => {
      out += text;
    },
    err: () => {},
    stdin: (async function* () {})(),
    isInteractive: true,
    env: { NODE_ENV: 'test', DATABASE_URL: servers.url, DATABASE_REPLICA_URL: url },
    actor: 'carillon-admin (ops@test-host)',
  });
  const { findings } = JSON.parse(out) as { findings: Finding[] };
  return findings.filter(({ check }) => check.startsWith('replica'));
}
const outages = (of = api) =>
  of.logged.map((line) => JSON.parse(line)).filter(({ part }) => part === 'The replica of PostgreSQL');

describe('a replica that follows', () => {
  test('answers lists, and says how far it may be behind', async () => {
    const id = await sent('followed');
    await until('the replica to have it', async () => ids(await list()).includes(id));
    api.reads.length = 0;
    const answer = await list();
    expect(api.reads).toEqual(['replica']);
    expect(lagOf(answer)).toBeGreaterThan(0);
    expect(lagOf(answer)).toBeLessThan(60);
  });

  test('answers all that may lag, and nothing else, while it is paused', async () => {
    const { body: template } = await api.request('GET', '/openapi.json');
    const campaign = await insertCampaign(api.db.sql, {
      appId: api.appId,
      environment: 'live',
      templateIds: [await insertTemplate(api.db.sql, api.appId, { environment: 'live' })],
    });
    await api.request('PUT', '/v1/audiences/all', { name: 'all', filter: { all: [] } });
    const endpoint = await api.request('POST', '/v1/webhook-endpoints', {
      url: 'https://hooks.example.test/carillon',
      event_types: ['notification.sent'],
    });
    const given: Record<string, string> = {
      listMembers: '/v1/audiences/all/members',
      countAudience: '/v1/audiences/all/count',
      listCampaignRecipients: `/v1/campaigns/${campaign}/recipients`,
      listEventDeliveries: `/v1/webhook-endpoints/${endpoint.body.id}/deliveries`,
      search: '/v1/search?q=followed',
      exportAudit: '/v1/audit/export?format=csv',
    };
    await servers.pair.pauseReplay(true);
    const bodies: Record<string, unknown> = { countFilter: { filter: { field: 'id', op: 'exists' } } };
    const paths = Object.entries(template.paths as Record<string, Record<string, { operationId: string }>>);
    const byId = new Map(
      paths.flatMap(([path, item]) =>
        Object.entries(item).map(([method, { operationId }]) => [operationId, { method, path }] as const),
      ),
    );
    for (const [operation, place] of Object.entries(READ_PLACES)) {
      const { method, path } = byId.get(operation)!;
      const asked = given[operation] ?? path.replace(/\{[^}]+\}/g, 'x');
      if (place === 'running' && operation.startsWith('stream')) continue;
      if (place === 'own') continue;
      const answer = await api.request(method.toUpperCase(), asked, bodies[operation]);
      const mayLag = place === 'replica' || place === 'shared';
      expect([operation, answer.status < 500, lagOf(answer) !== null]).toEqual([operation, true, mayLag]);
      if (mayLag) expect([operation, answer.status]).toEqual([operation, 200]);
    }
  });

  test('never answers what a write has changed, nor what a caller wants as new as their last change', async () => {
    await servers.pair.pauseReplay(true);
    const id = await sent('own-write');
    const { request } = api;
    expect((await request('GET', `/v1/notifications/${id}`)).body).toMatchObject({ id, status: 'pending' });
    expect((await request('GET', `/v1/notifications/${id}/content`)).status).toBe(200);
    expect((await request('POST', '/v1/notifications', mail('own-write'))).body.id).toBe(id);
    expect((await request('POST', `/v1/notifications/${id}/cancel`)).status).toBe(200);
    expect((await request('GET', `/v1/notifications/${id}`)).body.status).toBe('cancelled');

    await request('PUT', '/v1/recipients/ada', { email: 'ada@example.test', locale: 'en' });
    await request('PUT', '/v1/recipients/ada', { email: 'ada@example.test', locale: 'de' });
    expect((await request('GET', '/v1/recipients/ada')).body.locale).toBe('de');
    expect((await request('GET', '/v1/recipients/ada/preferences')).status).toBe(200);
    const toAda = await request('POST', '/v1/notifications', {
      ...mail('to-ada'),
      to: { recipient_id: 'ada' },
    });
    expect(toAda.status).toBe(202);
    const suppressed = await request('POST', '/v1/suppressions', {
      channel: 'email',
      address: 'ada@example.test',
    });
    const { address_hash: hash } = suppressed.body;
    expect((await request('GET', `/v1/suppressions/email/${hash}`)).status).toBe(200);
    await request('PUT', '/v1/audiences/now', { name: 'now', recipient_ids: ['ada'] });
    expect((await request('GET', '/v1/audiences/now')).status).toBe(200);
    await request('DELETE', '/v1/recipients/ada');
    expect((await request('GET', '/v1/recipients/ada')).status).toBe(404);

    const old = await list();
    expect(ids(old)).not.toContain(id);
    const pausedFor = lagOf(old)!;
    const newest = await list(api, { 'Carillon-Max-Lag': '0' });
    expect([ids(newest).includes(id), lagOf(newest)]).toEqual([true, null]);
    expect(lagOf(await list(api, { 'Carillon-Max-Lag': String(pausedFor + 30) }))).toBeGreaterThan(pausedFor);
    expect(api.reads.at(-2)).toBe('newer_wanted');
  });

  test('is in order for the doctor, who says what a pause and too few connections need', async () => {
    expect(await doctorSays(servers.replicaUrl)).toMatchObject([
      { check: 'replica', level: 'ok' },
      { check: 'replica connections', level: 'ok' },
    ]);
    await servers.pair.pauseReplay(true);
    const [paused] = await doctorSays(servers.replicaUrl);
    expect(paused).toMatchObject({ level: 'warning', message: 'its replay is paused' });
    expect(paused!.remedy).toContain('pg_wal_replay_resume()');
  });

  test('counts an audience as of when it has the recipients', async () => {
    await api.request('PUT', '/v1/recipients/before', { email: 'before@example.test' });
    // Until then it may have been left alone, and the primary have answered.
    await until('the replica to have them', async () => {
      const answer = await api.request('GET', '/v1/recipients?id_prefix=before');
      return lagOf(answer) !== null && answer.body.data.length === 1;
    });
    await servers.pair.pauseReplay(true);
    const [{ now: paused }] = await api.db.sql<[{ now: Date }]>`select clock_timestamp() as now`;
    const { body: known } = await api.request('GET', '/v1/audiences/all/count');
    await api.request('PUT', '/v1/recipients/after', { email: 'after@example.test' });
    const { body: counted } = await api.request('GET', '/v1/audiences/all/count');
    expect(counted.count).toBe(known.count);
    expect(Date.parse(counted.counted_at)).toBeLessThan(paused.getTime() + 1);
    const { body: now } = await api.request('GET', '/v1/audiences/all/count', undefined, {
      headers: { 'Carillon-Max-Lag': '0' },
    });
    expect(now.count).toBe(known.count + 1);
  });
});

describe('a replica that cannot be read from', () => {
  test('is left alone while it lags more than it may, is said to once, and is taken again', async () => {
    const own = await opened(SHORT_LAG_MS);
    try {
      await servers.pair.pauseReplay(true);
      const id = await sent('lagging', own);
      await until('it to be left alone', () => own.replica?.state() === 'lagging');
      const answer = await list(own);
      expect([ids(answer).includes(id), lagOf(answer)]).toEqual([true, null]);
      await until('it to be said', () => outages(own).length > 0);
      expect(outages(own)).toMatchObject([{ code: 'replica_lags' }]);
      expect(outages(own)[0].reason).toContain('pg_wal_replay_resume');
      const { status, body } = await own.request('GET', '/readyz');
      expect([status, body.status, body.replica]).toEqual([200, 'ready', 'lagging']);
      expect(body.problems).toMatchObject([{ part: 'replica', code: 'replica_lags' }]);
      expect(JSON.stringify(body)).not.toContain('127.0.0.1');
      const { body: metrics } = await own.request('GET', '/metrics');
      expect(metrics).toMatch(/^carillon_replica_in_use 0$/m);
      expect(Number(/^carillon_replica_lag_seconds (\S+)$/m.exec(metrics)?.[1])).toBeGreaterThan(2);
      expect(metrics).toMatch(/^carillon_replica_reads_total\{outcome="left_alone"\} [1-9]\d*$/m);
      await servers.pair.pauseReplay(false);
      await inUse(own);
      expect(lagOf(await list(own))).toBeLessThan(SHORT_LAG_MS / 1000);
      expect((await own.request('GET', '/readyz')).body).toMatchObject({ replica: 'in_use', problems: [] });
      expect(outages(own)).toHaveLength(1);
    } finally {
      await own.close();
    }
  });

  test('lags too when it is cut off from its primary, though it has repeated all that it got', async () => {
    const own = await opened(SHORT_LAG_MS);
    try {
      servers.pair.replication.freeze();
      const id = await sent('cut-off', own);
      await until('it to be left alone', () => own.replica?.state() === 'lagging');
      expect(ids(await list(own))).toContain(id);
    } finally {
      await servers.pair.replication.restore();
      await inUse(own);
      await own.close();
    }
  });

  test('that stops answering or goes away fails no read', async () => {
    for (const goAway of ['freeze', 'cut'] as const) {
      await inUse();
      const said = outages().length;
      await servers.pair.readers[goAway]();
      const answers = await Promise.all(Array.from({ length: 10 }, () => list()));
      expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 200));
      await until('it to be said', () => outages().length > said);
      expect(api.replica?.state()).toBe('down');
      const id = await sent(`during-${goAway}`);
      expect(ids(await list())).toContain(id);
      expect((await api.request('GET', '/readyz')).body).toMatchObject({ status: 'ready', replica: 'down' });
      await servers.pair.readers.restore();
      await inUse();
      expect(outages()).toHaveLength(said + 1);
    }
  });

  test('is an error for the doctor, with the remedy', async () => {
    expect(await doctorSays(servers.url)).toMatchObject([{ check: 'replica', level: 'error' }, {}]);
    await servers.pair.readers.cut();
    const [away] = await doctorSays(servers.replicaUrl);
    expect(away).toMatchObject({ check: 'replica', level: 'error' });
    expect(away!.message).toContain('DATABASE_REPLICA_URL');
    expect(away!.message).not.toContain(new URL(servers.url).password);
  });

  test('that is away when the API starts is taken when it is there', async () => {
    await servers.pair.readers.cut();
    const own = await apiUnderTest(servers.url, { replicaUrl: servers.replicaUrl });
    try {
      const id = await sent('at-boot', own);
      expect(ids(await list(own))).toContain(id);
      expect((await own.request('GET', '/readyz')).body).toMatchObject({ status: 'ready', replica: 'down' });
      await servers.pair.readers.restore();
      await inUse(own);
      await until('lists to come from it', async () => lagOf(await list(own)) !== null);
    } finally {
      await own.close();
    }
  });

  test('that ends a statement for the sake of its replay has it repeated on the primary', async () => {
    await api.db.sql`create table doomed (id int)`;
    await api.db.sql`insert into doomed values (1)`;
    const standby = postgres(servers.pair.standbyUrl, { max: 1, onnotice: () => {} });
    await standby`alter system set max_standby_streaming_delay = 0`;
    await standby`select pg_reload_conf()`;
    try {
      await until('the replica to have it', async () => {
        const { value, asOf } = await api.replica!.read(
          ({ sql }) => sql`select to_regclass('doomed') is not null as has`,
        );
        return asOf !== null && value[0]?.has;
      });
      const places: boolean[] = [];
      const { value, asOf } = await api.replica!.read(({ sql }) =>
        sql.begin('isolation level repeatable read read only', async (tx) => {
          const [{ replica }] = await tx<[{ replica: boolean }]>`select pg_is_in_recovery() as replica`;
          places.push(replica);
          if (!replica) return 'of the primary';
          await tx`select count(*) from doomed`;
          await api.db.sql`drop table doomed`;
          await tx`select pg_sleep(4)`;
          return 'of the replica';
        }),
      );
      expect([places, value, asOf]).toEqual([[true, false], 'of the primary', null]);
      expect(api.reads.at(-1)).toBe('failed');
    } finally {
      await standby`alter system reset max_standby_streaming_delay`;
      await standby`select pg_reload_conf()`;
      await standby.end({ timeout: 1 });
    }
  });

  test('is named for what it is: the primary itself, another server, another database', async () => {
    const elsewhere = new URL(servers.pair.standbyUrl);
    elsewhere.pathname = '/postgres';
    for (const [url, fault] of [
      [servers.url, 'not_a_replica'],
      [inject('adminDatabaseUrl'), 'other_server'],
      [elsewhere.href, 'other_database'],
    ] as const) {
      const replica = openReplica({
        url,
        name: 'test',
        connections: 1,
        statementTimeoutMs: 5_000,
        silenceMs: 10_000,
        primary: { sql: api.db.sql, sets: api.db.sql },
        maxLagMs: 10_000,
        report: { found: () => {} },
      });
      const { state, problem } = await replica.look();
      expect([state, problem?.code]).toEqual(['unfit', fault]);
      expect(problem?.message).toContain(replicaAdvice({ state: 'unfit', fault }).remedy);
      const { asOf } = await replica.read(({ sql }) => sql`select 1`);
      expect(asOf).toBe(null);
      await replica.close();
    }
  });

  test('is left alone from the moment on that it is promoted, and no read fails meanwhile', async () => {
    let isOver = false;
    const statuses = new Set<number>();
    const reading = (async () => {
      while (!isOver) statuses.add((await list()).status);
    })();
    isPromoted = true;
    try {
      await servers.pair.promoteStandby();
      await until('it to be found out', () => api.replica?.state() === 'unfit');
      const id = await sent('after-the-promotion');
      expect(ids(await list())).toContain(id);
    } finally {
      isOver = true;
      await reading;
    }
    expect([...statuses]).toEqual([200]);
    expect((await api.request('GET', '/readyz')).body.problems).toMatchObject([
      { part: 'replica', code: 'not_a_replica' },
    ]);
  });
});
