import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type ApiUnderTest, apiUnderTest } from '../../../../../test/support/api.ts';
import { type TestDatabase, testDatabase } from '../../../../../test/support/database.ts';
import { type UploadOptions, uploadFile } from '../../../../../test/support/imports.ts';

let database: TestDatabase;
let api: ApiUnderTest;
beforeAll(async () => {
  database = await testDatabase();
  api = await apiUnderTest(database.url);
});
afterAll(async () => {
  await api.close();
  await database.drop();
});

const csv = (body: string | Buffer, options?: UploadOptions) => uploadFile(api, 'csv', body, options);
const ndjson = (rows: readonly unknown[], options?: UploadOptions) =>
  uploadFile(api, 'ndjson', rows.map((row) => `${JSON.stringify(row)}\n`).join(''), options);
const person = async (id: string) =>
  (await api.request('GET', `/v1/recipients/${encodeURIComponent(id)}`)).body;
const counts = ({ body }: { body: Record<string, number> }) =>
  [body.read, body.created, body.updated, body.unchanged, body.failed].join(' ');

describe('what becomes of rows', () => {
  test('CSV creates and changes recipients; an empty cell stays as it is', async () => {
    const head = 'id,email,phone,locale,time_zone,attributes.plan,attributes.note\n';
    const first = await csv(
      `${head}c1,c1@example.com,+14155550101,en,Europe/Paris,pro,"a ""b"", c\r\nd"\r\n c2 ,C2@Example.com ,,,,,\r\n`,
    );
    expect(first.status).toBe(200);
    expect(first.body).toMatchObject({ status: 'done', errors: [], next_line: 5, errors_by_kind: {} });
    expect(counts(first)).toBe('2 2 0 0 0');
    expect(await person('c1')).toMatchObject({
      email: 'c1@example.com',
      phone: '+14155550101',
      locale: 'en',
      time_zone: 'Europe/Paris',
      attributes: { plan: 'pro', note: 'a "b", c\r\nd' },
    });
    expect(await person('c2')).toMatchObject({ email: 'C2@example.com', phone: null, attributes: {} });

    const second = await csv(`${head}c1,,,de,,basic,\nc2,C2@example.com,,,,,\n`);
    expect(counts(second)).toBe('2 0 1 1 0');
    expect(await person('c1')).toMatchObject({
      email: 'c1@example.com',
      locale: 'de',
      attributes: { plan: 'basic', note: 'a "b", c\r\nd' },
    });
  });

  test('NDJSON takes null as removal, attributes as a whole, and single ones by name', async () => {
    await ndjson([
      { id: 'n1', email: 'n1@example.com', locale: 'en', attributes: { a: 1, b: [2], c: { d: null } } },
      { recipient_id: 'n2', attributes: { a: 1, b: 2 } },
    ]);
    const answer = await ndjson([
      { id: 'n1', email: null, 'attributes.b': 'x', 'attributes.a': null },
      { id: 'n2', attributes: { c: 3 } },
      { id: 'n3' },
    ]);
    expect(counts(answer)).toBe('3 1 2 0 0');
    expect(await person('n1')).toMatchObject({
      email: null,
      locale: 'en',
      attributes: { b: 'x', c: { d: null } },
    });
    expect(await person('n2')).toMatchObject({ attributes: { c: 3 } });
  });

  test('mode=replace removes what a row does not give, and leaves preferences and devices', async () => {
    await ndjson([
      {
        id: 'r1',
        email: 'r1@example.com',
        phone: '+14155550111',
        attributes: { a: 1 },
        preferences: { news: false },
      },
    ]);
    await api.request('POST', '/v1/recipients/r1/devices', { fcm_token: 'r1-device' });
    const answer = await csv('id,phone\nr1,+14155550112\n', { query: '?mode=replace' });
    expect(counts(answer)).toBe('1 0 1 0 0');
    const after = await person('r1');
    expect(after).toMatchObject({ email: null, phone: '+14155550112', attributes: {} });
    expect(after.contact_points).toHaveLength(2);
    const { body } = await api.request('GET', '/v1/recipients/r1/preferences');
    expect(body.categories).toEqual({ news: false });
  });

  test('of several rows of one id the last one counts; each is counted once', async () => {
    const answer = await ndjson([
      { id: 'd1', email: 'first@example.com', locale: 'en' },
      { id: 'd2' },
      { id: 'd1', email: 'last@example.com', 'attributes.n': 2 },
    ]);
    expect(counts(answer)).toBe('3 2 0 1 0');
    expect(await person('d1')).toMatchObject({
      email: 'last@example.com',
      locale: 'en',
      attributes: { n: 2 },
    });
  });

  test('dry_run counts and reports, and stores no recipient', async () => {
    await ndjson([
      { id: 'dry-old', email: 'old@example.com' },
      { id: 'dry-same', locale: 'en' },
    ]);
    const answer = await ndjson(
      [
        { id: 'dry-new', email: 'new@example.com' },
        { id: 'dry-old', email: 'other@example.com' },
        { id: 'dry-same', locale: 'en' },
        { id: 'dry-bad', email: 'nobody' },
      ],
      { query: '?dry_run=true' },
    );
    expect(counts(answer)).toBe('4 1 1 1 1');
    expect(answer.body.dry_run).toBe(true);
    expect((await person('dry-new')).code).toBe('not_found');
    expect(await person('dry-old')).toMatchObject({ email: 'old@example.com' });
  });

  test('a column with another name is mapped, and one without a field left out', async () => {
    const query = `?${new URLSearchParams({ 'map.Kunde': 'id', 'map.E-Mail': 'email', 'map.Umsatz': '' })}`;
    const answer = await csv('Kunde;E-Mail;Umsatz\nm1;m1@example.com;12,50\n', { query });
    expect(counts(answer)).toBe('1 1 0 0 0');
    expect(await person('m1')).toMatchObject({ email: 'm1@example.com', attributes: {} });
    const unknown = await csv('Kunde\nm1\n', { query: '?map.Kundin=id' });
    expect(unknown.body.errors.map((each: { path: string }) => each.path)).toEqual(['Kunde', 'map.Kundin']);
  });

  test('attributes that grow too long together are refused with the row', async () => {
    await ndjson([{ id: 'long', attributes: { a: 'x'.repeat(16_000) } }]);
    const answer = await ndjson([{ id: 'long', 'attributes.b': 'y'.repeat(1_000) }, { id: 'short' }]);
    expect(counts(answer)).toBe('2 1 0 0 1');
    expect(answer.body.errors).toMatchObject([{ line: 1, path: 'attributes', kind: 'invalid_attributes' }]);
    expect((await person('long')).attributes).not.toHaveProperty('b');
  });
});

describe('rows that are refused', () => {
  test('each by its line and field with the value, by the rules of PUT; the others are stored', async () => {
    const lines = [
      '{"id":"e1","email":"nobody","phone":"0171"}',
      '{"email":"a@example.com"}',
      '{"id":" e3"}',
      '{"id":"e4","locale":"en_US","time_zone":"Mars"}',
      '{"id":"e5","attributes":"x"}',
      '{"id":"e6","preferences":{"news":"no"}}',
      '{"id":"e7","emial":"a@example.com"}',
      '{"id":"e8"',
      '[1]',
      '{"id":"e10","attributes":{"n":12345678901234567890}}',
      '{"id":"e11","id":"e12"}',
      '{"id":"e12","attributes":{"a":"x\\u0000y"}}',
      '{"id":"e13","attributes":{"a":"x\\ud800y"}}',
      `{"id":"e14","attributes":{"a":"${'x'.repeat(17_000)}"}}`,
      '{"id":"e15","attributes":{},"attributes.a":1}',
      '',
      '{"id":"good"}',
    ];
    const answer = await uploadFile(api, 'ndjson', lines.join('\n'));
    expect(counts(answer)).toBe('16 1 0 0 15');
    const found = answer.body.errors.map(
      (each: Record<string, string>) => `${each.line} ${each.kind} ${each.path}`,
    );
    expect(found).toEqual([
      '1 invalid_email email',
      '1 invalid_phone phone',
      '2 missing_id id',
      '3 invalid_id id',
      '4 invalid_locale locale',
      '4 invalid_time_zone time_zone',
      '5 invalid_attributes attributes',
      '6 invalid_preferences preferences.news',
      '7 unknown_field emial',
      '8 malformed_line ',
      '9 malformed_line ',
      '10 malformed_line attributes.n',
      '11 malformed_line id',
      '12 malformed_line attributes.a',
      '13 malformed_line attributes.a',
      '14 invalid_attributes attributes',
      '15 invalid_attributes attributes',
    ]);
    expect(answer.body.errors_by_kind).toMatchObject({ invalid_email: 1, malformed_line: 6 });
    expect(answer.body.errors[0].message).toContain('"nobody"');
    expect(answer.body.errors[15].message.length).toBeLessThan(300);
    expect((await person('good')).recipient_id).toBe('good');
  });

  test('a stray quote is reported once, with all the lines that are lost by it', async () => {
    const answer = await csv(
      'id,locale\nq1,en\nq2,"en\nq3,en\nq4,"en"\nq5,en\nq6,e"n\nq7,en\nq8,"en"x\nq9,en\nq10,"en"\nq11,en\n',
    );
    const lost = answer.body.errors.map((each: Record<string, string>) => each.line);
    expect(lost).toEqual([3, 7, 9]);
    expect(answer.body.errors[0].message).toMatch(/^lines 3 to 5: a quote is not closed/);
    expect(counts(answer)).toBe('11 4 0 0 7');
    expect(answer.body.errors[2].message).toMatch(/^lines 9 to 11: /);
    for (const id of ['q1', 'q5', 'q7', 'q11']) expect((await person(id)).recipient_id).toBe(id);
    for (const id of ['q2', 'q3', 'q4', 'q6', 'q8', 'q9', 'q10'])
      expect((await person(id)).code).toBe('not_found');
  });

  test('a quote that is never closed, too few cells, and lines after quoted line breaks keep their numbers', async () => {
    const answer = await csv(
      'id,attributes.a,attributes.b\r\nk1,"x\r\ny\r\nz",1\r\nk2,1\r\n\r\nk3,2,3\r\nk4,"open\r\nk5,1,2\r\n',
    );
    expect(answer.body.errors.map((each: Record<string, string>) => `${each.line} ${each.kind}`)).toEqual([
      '5 wrong_cells',
      '8 malformed_line',
    ]);
    expect((await person('k1')).attributes).toEqual({ a: 'x\r\ny\r\nz', b: '1' });
    expect(counts(answer)).toBe('5 2 0 0 3');
  });

  test('a line that is not UTF-8 is refused alone, and the encoding is named', async () => {
    const answer = await csv(Buffer.from('id,attributes.name\nl1,Ada\nl2,M\xfcller\nl3,Eve\n', 'latin1'));
    expect(answer.body.errors).toMatchObject([{ line: 3, kind: 'not_utf8' }]);
    expect(answer.body.errors[0].message).toMatch(/0xfc at column 5.*Windows-1252.*UTF-8/);
    expect(counts(answer)).toBe('3 2 0 0 1');
    const lines = await uploadFile(api, 'ndjson', Buffer.from('{"id":"l4\xfc"}\n{"id":"l5"}\n', 'latin1'));
    expect(counts(lines)).toBe('2 1 0 0 1');
  });

  test('a line of many megabytes is refused alone', async () => {
    const long = 'x'.repeat(20 * 1024 * 1024);
    const answer = await csv(`id,attributes.a\nh1,1\nh2,${long}\nh3,3\n`);
    expect(answer.body.errors).toMatchObject([{ line: 3, kind: 'line_too_long' }]);
    expect(counts(answer)).toBe('3 2 0 0 1');
    const lines = await uploadFile(api, 'ndjson', `{"id":"h4"}\n{"id":"${long}"}\n{"id":"h5"}`);
    expect(lines.body.errors).toMatchObject([{ line: 2, kind: 'line_too_long' }]);
  });

  test('a thousand errors are listed, and all can be read as a file', async () => {
    const rows = Array.from({ length: 1_500 }, (_, n) => ({
      id: `=many${n}`,
      email: n % 2 ? 'nobody' : `m${n}@example.com`,
    }));
    rows.push(...Array.from({ length: 600 }, (_, n) => ({ id: `=bad${n}`, email: `@${n}` })));
    const answer = await ndjson(rows);
    expect(counts(answer)).toBe('2100 750 0 0 1350');
    expect(answer.body.errors).toHaveLength(1_000);
    const at = new URL(answer.body.errors_url).pathname;
    const all = await api.request('GET', at);
    expect(all.headers.get('content-type')).toContain('ndjson');
    const file = await api.request('GET', `${at}?format=csv&kind=invalid_email`);
    expect(file.body.trim().split('\r\n')).toHaveLength(1_351);
    expect((await api.request('GET', `${at}?kind=nothing`)).status).toBe(422);
  });
});

describe('files that are refused as a whole', () => {
  test.each<[string, 'csv' | 'ndjson', string | Buffer, number, RegExp]>([
    ['an empty file', 'csv', '', 422, /empty/],
    ['an empty file of lines', 'ndjson', '\n\n', 422, /empty/],
    ['no column for the id', 'csv', 'email\na@example.com\n', 422, /id: is missing/],
    [
      'an unknown column',
      'csv',
      'id,name\nw1,Ada\n',
      422,
      /name: there is no field of this name.*attributes\.<name>/,
    ],
    [
      'a column that is given twice',
      'csv',
      'id,email,email\nw1,a@example.com,\n',
      422,
      /email: is email, and/,
    ],
    ['UTF-16', 'csv', Buffer.from('\ufeffid,email\nw1,\n', 'utf16le'), 415, /UTF-16.*Save it as UTF-8/],
    ['UTF-16 without a mark', 'ndjson', Buffer.from('{"id":"w1"}\n', 'utf16le'), 415, /UTF-16/],
    ['a packed file', 'csv', Buffer.from([0x1f, 0x8b, 8, 0, 0, 0, 0, 0]), 415, /gzip/],
    ['a spreadsheet', 'csv', Buffer.from('PK\x03\x04rest', 'latin1'), 415, /\.xlsx.*CSV/],
    [
      'names of columns that are not UTF-8',
      'csv',
      Buffer.from('id,attributes.\xfc\nw1,1\n', 'latin1'),
      422,
      /first line.*UTF-8/,
    ],
  ])('%s', async (_, format, body, status, words) => {
    const answer = await uploadFile(api, format, body, { headers: { 'import-id': randomUUID() } });
    expect(answer.body.detail).toMatch(words);
    expect(answer.status).toBe(status);
    expect((await person('w1')).code).toBe('not_found');
    const id = answer.headers.get('import-id');
    expect((await api.request('GET', `/v1/imports/${id}`)).status).toBe(404);
  });

  test.each<[Record<string, string>, string, number, RegExp]>([
    [{ 'content-type': 'application/json' }, '', 415, /application\/x-ndjson/],
    [{ 'content-type': 'text/csv; charset=windows-1252' }, '', 415, /windows-1252/],
    [{ 'content-encoding': 'gzip' }, '', 415, /content coding "gzip"/],
    [{ 'import-id': 'mine' }, '', 422, /UUID/],
    [{}, '?from_line=3', 422, /Import-Id/],
    [{}, '?from_line=0', 422, /from_line/],
    [{}, '?mode=merge', 422, /upsert, replace/],
    [{}, '?dryrun=true', 422, /no query parameter "dryrun"/],
    [{}, '?map.x=email&dry_run=yes', 422, /dry_run/],
  ])('%j%s', async (headers, query, status, words) => {
    const answer = await csv('id\nw1\n', { headers, query });
    expect(answer.body.detail).toMatch(words);
    expect(answer.status).toBe(status);
    expect((await person('w1')).code).toBe('not_found');
  });
});

describe('who may', () => {
  test('importing needs recipients:*, subscribing again suppressions:* as well', async () => {
    const reader = await api.key({ scopes: ['recipients:read'] });
    const writer = await api.key({ scopes: ['recipients:*'] });
    const both = await api.key({ scopes: ['recipients:*', 'suppressions:*'] });
    const status = async (key: string, query = '') => (await csv('id\ns1\n', { key, query })).status;
    expect(await status(reader)).toBe(403);
    expect(await status(writer)).toBe(200);
    expect(await status(writer, '?resubscribe=true')).toBe(403);
    expect(await status(both, '?resubscribe=true')).toBe(200);
  });

  test('an import of another app or environment is unknown', async () => {
    const id = randomUUID();
    await csv('id\nt1\n', { headers: { 'import-id': id } });
    const key = await api.key({ environment: 'test' });
    expect((await api.request('GET', `/v1/imports/${id}`, undefined, { key })).status).toBe(404);
    expect((await api.request('GET', `/v1/imports/${id}/errors`, undefined, { key })).status).toBe(404);
    const goesOn = await csv('t2\n', { headers: { 'import-id': id }, query: '?from_line=3', key });
    expect([goesOn.status, goesOn.body.code]).toEqual([404, 'not_found']);
    // The same id begins an import of its own there.
    expect((await csv('id\nt2\n', { headers: { 'import-id': id }, key })).body.read).toBe(1);
    expect((await api.request('GET', `/v1/imports/${id}`)).body).toMatchObject({ read: 1, created: 1 });
    const list = await api.request('GET', '/v1/imports?limit=1', undefined, { key });
    expect(list.body.data.map((each: { import_id: string }) => each.import_id)).toEqual([id]);
  });

  test('an import is one entry of the audit log; a dry run is none', async () => {
    const id = randomUUID();
    await csv('id\nu1\n', { headers: { 'import-id': id } });
    await csv('id\nu1\n', { query: '?dry_run=true' });
    const entries = await api.db
      .sql`select subject, detail from audit_log where action = 'recipient.import' order by id desc limit 1`;
    expect(entries).toEqual([
      { subject: `import:${id}`, detail: { environment: 'live', mode: 'upsert', resubscribe: false } },
    ]);
  });
});

describe('errors of an import', () => {
  test('come page by page, of one class or of all, in the order of the file', async () => {
    const rows = ['{"id":"pg0"}'];
    for (let n = 1; n <= 5; n++) rows.push(`{"id":"pg${n}","email":"nobody${n}","phone":"0${n}"}`);
    const { body } = await uploadFile(api, 'ndjson', rows.join('\n'), { query: '?dry_run=true' });
    const list = async (query: string) => {
      const found: string[] = [];
      let cursor = '';
      for (let pages = 0; pages < 10; pages++) {
        const answer = await api.request(
          'GET',
          `/v1/imports/${body.import_id}/errors?format=json&limit=2${query}${cursor}`,
        );
        expect(answer.status).toBe(200);
        expect(answer.body.data.length).toBeLessThanOrEqual(2);
        found.push(
          ...answer.body.data.map((each: { line: number; path: string }) => `${each.line} ${each.path}`),
        );
        if (answer.body.next_cursor === null) return found;
        cursor = `&cursor=${answer.body.next_cursor}`;
      }
      throw new Error('the list does not end');
    };
    expect(await list('&kind=invalid_email')).toEqual([2, 3, 4, 5, 6].map((line) => `${line} email`));
    expect(await list('')).toEqual([2, 3, 4, 5, 6].flatMap((line) => [`${line} email`, `${line} phone`]));
  });

  test('are paged only as JSON', async () => {
    const { body } = await uploadFile(api, 'ndjson', '{"id":""}\n');
    const answer = await api.request('GET', `/v1/imports/${body.import_id}/errors?limit=2`);
    expect([answer.status, answer.body.errors[0].path]).toEqual([422, 'limit']);
  });
});
