import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type TestDatabase, testDatabase } from '../../../../../test/support/database.ts';
import { openUpload, uploadFile } from '../../../../../test/support/imports.ts';
import { type ServedApi, servedApi } from '../../../../../test/support/served-api.ts';
import { until } from '../../../../../test/support/until.ts';

let database: TestDatabase;
let api: ServedApi;
let key: string;
beforeAll(async () => {
  database = await testDatabase();
  api = await servedApi(database.url, { uploadSilenceMs: 3_000 });
  key = await api.key();
});
afterAll(async () => {
  await api.close();
  await database.drop();
});

const HEAD = 'id,attributes.n,attributes.text\n';
/** A file whose parts are several; every tenth row has a line break in a cell. */
const row = (prefix: string, n: number) => `"${prefix}${n}",${n},${n % 10 === 0 ? '"a\nb"' : 'plain'}\n`;
const rows = (prefix: string, from: number, to: number) =>
  Array.from({ length: to - from }, (_, n) => row(prefix, from + n)).join('');
const read = async (id: string) => (await api.request('GET', `/v1/imports/${id}`)).body;
const stored = async (prefix: string) => {
  const [found] = await api.db.sql`
    select count(*)::int as count from recipients where app_id = ${api.appId} and id like ${`${prefix}%`}`;
  return found!.count as number;
};
/** The rest of a file from this line on. */
const restOf = (file: string, line: number) =>
  file
    .split('\n')
    .slice(line - 1)
    .join('\n');

describe('an upload whose connection breaks', () => {
  test.each(['the rest', 'the rest behind the first line', 'the whole file'])(
    'goes on with %s',
    async (how) => {
      const id = randomUUID();
      const prefix = `p${how.length}-`;
      const file = HEAD + rows(prefix, 0, 6_000);
      const first = openUpload(api.url, 'csv', key, { headers: { 'import-id': id } });
      const cutAt = Math.floor(file.length * 0.7) + 3;
      first.send(file.slice(0, cutAt));
      await until('a part to be stored', async () => (await read(id)).read > 0, { timeoutMs: 20_000 });
      first.cut();
      await until('the upload to be given up', async () => (await read(id)).status === 'interrupted', {
        timeoutMs: 20_000,
      });

      const before = await read(id);
      expect(before.read).toBeGreaterThan(3_000);
      expect(await stored(prefix)).toBe(before.created);
      const line: number = before.next_line;
      const body = how === 'the whole file' ? file : (how === 'the rest' ? '' : HEAD) + restOf(file, line);
      const after = await uploadFile(api, 'csv', body, {
        headers: { 'import-id': id },
        query: `?from_line=${line}`,
      });
      expect(after.body).toMatchObject({ status: 'done', read: 6_000, created: 6_000, failed: 0 });
      expect(await stored(prefix)).toBe(6_000);
      expect(after.body.next_line).toBe(file.split('\n').length);
    },
    60_000,
  );

  test('a repetition of a whole file that was read changes nothing, not even what was changed since', async () => {
    const id = randomUUID();
    const upload = (body = 'id,locale\nr1,en\nr2,en\n') =>
      uploadFile(api, 'csv', body, { headers: { 'import-id': id } });
    const first = await upload();
    await api.request('PUT', '/v1/recipients/r1', { locale: 'de' });
    const again = await upload();
    expect(again.body).toMatchObject({ read: 2, created: 2, updated: 0, unchanged: 0, errors: [] });
    expect(again.body.created_at).toBe(first.body.created_at);
    expect((await api.request('GET', '/v1/recipients/r1')).body.locale).toBe('de');
    const other = await upload('id,locale\nr3,en\nr2,en\n');
    expect([other.status, other.body.code]).toEqual([409, 'idempotency_conflict']);
    expect(other.headers.get('import-id')).toBe(id);
  });

  test('lines are neither left out nor applied twice', async () => {
    const id = randomUUID();
    const upload = (body: string, line: number) =>
      uploadFile(api, 'csv', body, { headers: { 'import-id': id }, query: `?from_line=${line}` });
    await upload('id,locale\ns1,en\ns2,en\n', 1);
    await api.request('PUT', '/v1/recipients/s2', { locale: 'de' });
    const gap = await upload('s4,en\n', 5);
    expect([gap.status, gap.body.detail]).toEqual([422, expect.stringContaining('Go on with from_line=4')]);
    const overlap = await upload('s2,en\ns3,en\n', 3);
    expect(overlap.body).toMatchObject({ read: 3, created: 3 });
    expect((await api.request('GET', '/v1/recipients/s2')).body.locale).toBe('de');
    const unknown = await uploadFile(api, 'csv', 's4,en\n', {
      headers: { 'import-id': randomUUID() },
      query: '?from_line=2',
    });
    expect(unknown.status).toBe(404);
  });

  test('an import goes on only as it was begun', async () => {
    const id = randomUUID();
    await uploadFile(api, 'csv', 'id\nt1\n', { headers: { 'import-id': id } });
    const other = await uploadFile(api, 'csv', 't2\n', {
      headers: { 'import-id': id },
      query: '?from_line=3&mode=replace',
    });
    expect([other.status, other.body.code]).toEqual([409, 'idempotency_conflict']);
    expect(other.body.detail).toContain('mode=upsert');
  });
});

describe('an upload', () => {
  test('is refused while another one of the same import runs, and may go on after it', async () => {
    const id = randomUUID();
    const first = openUpload(api.url, 'ndjson', key, { headers: { 'import-id': id } });
    first.send('{"id":"u1"}\n');
    await until('the import to run', async () => (await read(id)).status === 'running', {
      timeoutMs: 20_000,
    });
    const second = await uploadFile(api, 'ndjson', '{"id":"u1"}\n', { headers: { 'import-id': id } });
    expect([second.status, second.body.code]).toEqual([409, 'invalid_state']);
    expect(Number(second.headers.get('retry-after'))).toBeGreaterThan(0);
    first.send('{"id":"u2"}\n');
    first.end();
    expect((await first.answer).body).toMatchObject({ status: 'done', created: 2 });
    const third = await uploadFile(api, 'ndjson', '{"id":"u3"}\n', {
      headers: { 'import-id': id },
      query: '?from_line=3',
    });
    expect(third.body).toMatchObject({ read: 3, created: 3 });
  });

  test('that is silent is ended with 408, and what came before is stored', async () => {
    const id = randomUUID();
    const upload = openUpload(api.url, 'ndjson', key, { headers: { 'import-id': id } });
    upload.send('{"id":"v1"}\n{"id":"v2"}\n{"id":"v');
    const { status, body } = await upload.answer;
    expect([status, body['code']]).toEqual([408, 'request_timeout']);
    expect(body['detail']).toContain('from_line=3');
    expect(await read(id)).toMatchObject({ status: 'interrupted', read: 2, created: 2, next_line: 3 });
    upload.cut();
  }, 30_000);

  test('that is refused while bytes are on their way gets its answer', async () => {
    const upload = openUpload(api.url, 'csv', key);
    upload.send(`id,nonsense\n${'x,y\n'.repeat(500_000)}`);
    upload.end();
    const { status, body } = await upload.answer;
    expect([status, body['code']]).toEqual([422, 'invalid_request']);
  });

  test('does not hold up other requests of the process', async () => {
    const id = randomUUID();
    const upload = openUpload(api.url, 'ndjson', key, { headers: { 'import-id': id } });
    upload.send(
      Array.from({ length: 5_000 }, (_, n) => `{"id":"w${n}","email":"w${n}@example.com"}\n`).join(''),
    );
    for (let n = 0; n < 20; n++) {
      const sent = await api.request('POST', '/v1/notifications', {
        to: { email: 'a@example.com' },
        channel: 'email',
        content: { subject: 'S', text: 'T' },
        idempotency_key: `beside-${n}`,
      });
      expect(sent.status).toBe(202);
      // An empty line: the upload is not silent, however long the requests take.
      upload.send('\n');
    }
    upload.end();
    expect((await upload.answer).body).toMatchObject({ created: 5_000 });
  }, 30_000);
});

test('an import goes on over a PostgreSQL that ends its connections', async () => {
  const id = randomUUID();
  const upload = openUpload(api.url, 'ndjson', key, { headers: { 'import-id': id } });
  let ended = 0;
  upload.send('{"id":"x"}\n');
  await until('the import to run', async () => (await read(id)).status === 'running', { timeoutMs: 20_000 });
  for (let part = 0; part < 6; part++) {
    upload.send(
      Array.from({ length: 4_000 }, (_, n) => `{"id":"x${part}-${n}","email":"x${n}@example.com"}\n`).join(
        '',
      ),
    );
    const killed = await api.db.sql`
      select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'api-under-test-sets'`;
    ended += killed.length;
  }
  upload.end();
  expect((await upload.answer).body).toMatchObject({
    status: 'done',
    read: 24_001,
    created: 24_001,
    failed: 0,
  });
  expect(ended).toBeGreaterThan(0);
  expect(await stored('x')).toBe(24_001);
}, 60_000);
