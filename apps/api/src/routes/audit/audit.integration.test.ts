import { randomUUID } from 'node:crypto';
import { Readable } from 'node:stream';
import { audit } from '@carillon/db/audit/audit';
import { verifyAuditLog } from '@carillon/services/audit/verify';
import { WHOLE_INSTALLATION } from '@carillon/services/context';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type CsvRecord, readCsv } from '../../../../../packages/client/src/cli/csv.ts';
import { type ApiUnderTest, apiUnderTest } from '../../../../../test/support/api.ts';
import { type TestDatabase, testDatabase } from '../../../../../test/support/database.ts';

let database: TestDatabase;
let api: ApiUnderTest;
let auditor: string;
beforeEach(async () => {
  database = await testDatabase();
  api = await apiUnderTest(database.url);
  auditor = await api.key({ scopes: ['audit:read'] });
});
afterEach(async () => {
  await api.close();
  await database.drop();
});

const get = (path: string, key = auditor) => api.request('GET', path, undefined, { key });

async function entries(count: number, entry: Partial<Parameters<typeof audit>[1]> = {}): Promise<void> {
  for (let n = 0; n < count; n++)
    await audit(api.db.sql, {
      appId: api.appId,
      actor: 'key:abc',
      action: 'test.change',
      subject: `thing:${n}`,
      detail: { n },
      ...entry,
    });
}

/** The ids of the log, oldest first. They have gaps. */
const ids = async () =>
  (await api.db.sql<{ id: string }[]>`select id::text from audit_log order by audit_log.id`).map(
    ({ id }) => id,
  );

/** As somebody with all rights on the database could. */
async function forge(change: string): Promise<void> {
  await api.db.sql.unsafe(`
    alter table audit_log disable trigger all; ${change}; alter table audit_log enable trigger all`);
}

describe('reading', () => {
  test('an auditor needs no scope but audit:read, and a test key reads nothing', async () => {
    await entries(2);
    const { status, body } = await get('/v1/audit');
    expect([status, body.data.length]).toEqual([200, 2]);
    const reader = await api.key({ scopes: ['notifications:read'] });
    const tester = await api.key({ scopes: ['admin'], environment: 'test' });
    for (const path of ['/v1/audit', '/v1/audit/verify', '/v1/audit/export?format=csv']) {
      expect((await get(path, reader)).body.code, path).toBe('forbidden');
      expect((await get(path, tester)).body.code, path).toBe('wrong_environment');
    }
  });

  test('entries say what was before and what is now', async () => {
    const put = (delivery_policy: string) =>
      api.request('PUT', '/v1/categories/orders', { delivery_policy, secret: true });
    await put('ask');
    await put('resolve');
    const { body } = await get('/v1/audit?subject=category:orders');
    expect(body.data).toMatchObject([
      { before: { delivery_policy: 'ask' }, after: { delivery_policy: 'resolve' } },
      { before: null, after: null },
    ]);
  });

  test('changes of provider accounts and webhook endpoints record what was before', async () => {
    const key = await api.key({ scopes: ['admin', 'installation'] });
    const call = (method: string, path: string, body: unknown) => api.request(method, path, body, { key });
    const account = {
      provider: 'resend',
      environments: ['live'],
      from: 'a@acme.example',
      credentials: { api_key: 're_0123456789abcdef0123' },
    };
    await call('PUT', '/v1/provider-accounts/main', account);
    await call('PUT', '/v1/provider-accounts/main', { ...account, weight: 7 });
    const accounts = await get('/v1/audit?subject=provider_account:main', key);
    const made = await call('POST', '/v1/webhook-endpoints', { url: 'https://hooks.example.com/a' });
    await call('PATCH', `/v1/webhook-endpoints/${made.body.id}`, {
      enabled: false,
      url: 'https://b.example.com',
    });
    const endpoints = await get(`/v1/audit?subject=webhook_endpoint:${made.body.id}`, key);
    expect(endpoints.body.data[0]).toMatchObject({
      action: 'webhook_endpoint.patch',
      before: { origin: 'https://hooks.example.com', enabled: true },
      after: { origin: 'https://b.example.com', enabled: false },
    });
    expect(JSON.stringify(endpoints.body)).not.toContain('/a"');
    if (accounts.body.data.length > 0)
      expect(accounts.body.data[0]).toMatchObject({ before: { weight: 1 }, after: { weight: 7 } });
  });
});

describe('the hash chain', () => {
  test('is intact where nobody changed a row, and names its last row', async () => {
    await entries(5, { detail: { text: 'é"|\\', nested: { a: [1, null] } } });
    await entries(1, { appId: null });
    const { status, body } = await get('/v1/audit/verify');
    expect([status, body]).toEqual([
      200,
      {
        status: 'intact',
        checked: 6,
        broken: null,
        head: { id: (await ids())[5], hash: expect.stringMatching(/^[0-9a-f]{64}$/) },
        next_cursor: null,
      },
    ]);
  });

  test('an empty log is intact', async () => {
    expect((await get('/v1/audit/verify')).body).toMatchObject({ status: 'intact', checked: 0, head: null });
  });

  test.each([
    ['a changed row', "update audit_log set actor = 'key:other' where id = $3", 3],
    ['a changed time', "update audit_log set at = at - interval '1 microsecond' where id = $2", 2],
    ['a removed row', 'delete from audit_log where id = $4', 5],
    ['a removed first row', 'delete from audit_log where id = $1', 2],
    ['a hash that was made to fit itself', "update audit_log set hash = sha256('x') where id = $5", 5],
  ])('%s breaks it, and the first broken row is named', async (_what, change, nth) => {
    await entries(8);
    const all = await ids();
    await forge(change.replace(/\$(\d)/, (_, n) => all[Number(n) - 1]!));
    expect((await get('/v1/audit/verify')).body).toMatchObject({
      status: 'broken',
      broken: { id: all[nth - 1], at: expect.any(String) },
    });
  });

  test('is checked page by page, and a long one in several answers', async () => {
    await entries(7);
    const ctx = { db: api.db.sql, actor: 'key:x', reach: WHOLE_INSTALLATION };
    const pages = (after?: string) => verifyAuditLog(ctx, { after, pageSize: 3, budgetMs: 0 });
    const all = await ids();
    expect(await pages()).toMatchObject({ status: 'unfinished', checked: 3, next: all[2] });
    expect(await pages(all[2])).toMatchObject({ status: 'unfinished', checked: 3, next: all[5] });
    expect(await pages(all[5])).toMatchObject({ status: 'intact', checked: 1, head: { id: all[6] } });
    expect(await verifyAuditLog(ctx, { pageSize: 3 })).toMatchObject({ status: 'intact', checked: 7 });
    await forge(`update audit_log set detail = '{}' where id = ${all[4]}`);
    expect(await verifyAuditLog(ctx, { pageSize: 2 })).toMatchObject({
      status: 'broken',
      broken: { id: all[4] },
    });
    await expect(pages('99')).rejects.toThrow('there is no entry 99');
  });

  test('100,000 rows are checked in a few answers of at most four seconds', async () => {
    await api.db.sql`
      insert into audit_log (app_id, actor, action, subject, detail)
      select ${api.appId}, 'key:abc', 'test.change', 'thing:' || n, '{"n":1,"state":"closed"}'
      from generate_series(1, 100000) n`;
    let checked = 0;
    for (let cursor: string | null = ''; cursor !== null; ) {
      const began = performance.now();
      const { body } = await get(`/v1/audit/verify${cursor === '' ? '' : `?cursor=${cursor}`}`);
      expect(performance.now() - began).toBeLessThan(5_000);
      checked += body.checked;
      expect(body.status).not.toBe('broken');
      cursor = body.next_cursor;
    }
    expect(checked).toBe(100_000);
  }, 60_000);
});

describe('the export', () => {
  test('as NDJSON has every entry that matches as the list shows it, oldest first, over many pages', async () => {
    await api.db.sql`
      insert into audit_log (app_id, actor, action, subject)
      select ${api.appId}, 'key:abc', 'test.change', 'thing:' || n from generate_series(1, 2500) n`;
    await entries(1, { action: 'other.change' });
    const response = await api.app.request('/v1/audit/export?format=ndjson&action=test.', {
      headers: { authorization: `Bearer ${auditor}` },
    });
    expect(response.status).toBe(200);
    expect(response.headers.get('content-disposition')).toMatch(
      /^attachment; filename="audit-\d{4}-\d\d-\d\d\.ndjson"$/,
    );
    const lines = (await response.text())
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(lines).toHaveLength(2_500);
    expect(lines[0]).toMatchObject({ subject: 'thing:1', before: null });
    expect(lines.at(-1).subject).toBe('thing:2500');
  });

  test('as CSV can be read back, and no cell is a formula', async () => {
    await entries(1, {
      subject: '=HYPERLINK("http://evil.example","a")',
      detail: { from: 'open', state: 'closed' },
    });
    const { body, headers } = await get('/v1/audit/export?format=csv');
    expect(headers.get('content-type')).toBe('text/csv; charset=utf-8');
    const records: CsvRecord[] = [];
    for await (const record of readCsv(Readable.from([body as string]))) records.push(record);
    expect(records.map(({ cells }) => cells.length)).toEqual([9, 9]);
    const [, row] = records;
    expect(row!.cells[5]).toBe('\'=HYPERLINK("http://evil.example","a")');
    expect(JSON.parse(row!.cells[6]!)).toEqual({ state: 'open' });
    expect(JSON.parse(row!.cells[7]!)).toEqual({ state: 'closed' });
  });

  test('an empty one is a file with its head, and a format must be given', async () => {
    expect((await get('/v1/audit/export?format=csv')).body).toBe(
      'id,at,app_id,actor,action,subject,before,after,detail\r\n',
    );
    expect((await get('/v1/audit/export')).body.errors).toMatchObject([{ path: 'format' }]);
  });

  test('has only entries of the own app', async () => {
    await entries(1);
    await entries(1, { appId: randomUUID(), subject: 'thing:foreign' });
    const { body } = await get('/v1/audit/export?format=csv');
    expect(body).toContain('thing:0');
    expect(body).not.toContain('foreign');
    expect((await get(`/v1/audit/export?format=csv&app_id=${randomUUID()}`)).body.code).toBe('forbidden');
  });
});
