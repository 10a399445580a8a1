import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type ApiUnderTest, apiUnderTest } from '../../../../../test/support/api.ts';
import { type TestDatabase, testDatabase } from '../../../../../test/support/database.ts';

let database: TestDatabase;
let api: ApiUnderTest;
let key: string;

beforeAll(async () => {
  database = await testDatabase();
  api = await apiUnderTest(database.url);
});
afterAll(async () => {
  await api.close();
  await database.drop();
});
beforeEach(async () => {
  const [row] = await api.db.sql<[{ id: string }]>`insert into apps (name) values ('export') returning id`;
  key = await api.key({ appId: row.id });
});

async function send(more: object = {}): Promise<string> {
  const body = {
    to: { phone: '+14155552671' },
    channel: 'sms',
    content: { text: 'Your code is 314159' },
    ...more,
  };
  const answer = await api.request('POST', '/v1/notifications', body, { key });
  if (answer.status !== 202) throw new Error(JSON.stringify(answer.body));
  return answer.body.id;
}

/** The answer as it is: it is no JSON. */
async function download(query = '') {
  const answer = await api.app.request(`http://api.test/v1/notifications/export${query}`, {
    headers: { authorization: `Bearer ${key}` },
  });
  const text = await answer.text();
  return { answer, text, rows: text.trimEnd().split('\r\n') };
}

describe('GET /v1/notifications/export', () => {
  test('is a CSV file of the list by the same filter, without contents', async () => {
    await send();
    const bulk = await send({ priority: 'bulk', category: 'orders' });
    const { answer, text, rows } = await download('?priority=bulk');
    expect(answer.status).toBe(200);
    expect(answer.headers.get('content-type')).toBe('text/csv; charset=utf-8');
    expect(answer.headers.get('content-disposition')).toMatch(
      /^attachment; filename="notifications-\d{4}-\d\d-\d\d\.csv"$/,
    );
    expect(rows[0]).toMatch(/^id,created_at,status,channel,priority,/);
    expect(rows).toHaveLength(2);
    expect(rows[1]).toMatch(new RegExp(`^${bulk},[^,]+,pending,sms,bulk,orders,,,,'\\+14155552671,`));
    expect(text).not.toContain('314159');
  });

  test('no cell is a formula', async () => {
    const evil = '=HYPERLINK("http://evil.example";"click")';
    await send({ idempotency_key: '=1+1', category: '@SUM(1)' });
    const id = await send();
    await api.db.sql`update notifications set error_code = 'x', error = ${evil} where id = ${id}`;
    const { text } = await download();
    expect(text).toContain(`"'=HYPERLINK(""http://evil.example"";""click"")"`);
    expect(text).toContain("'=1+1");
    expect(text).toContain("'@sum(1)");
    expect(text).not.toMatch(/(^|,|\n)"?[=@]/);
  });

  test('says in its last row that there is more, and goes on from there', async () => {
    const ids: string[] = [];
    for (let n = 0; n < 5; n++) ids.unshift(await send());
    const first = await download('?limit=3');
    expect(first.rows.slice(1, 4).map((row) => row.split(',')[0])).toEqual(ids.slice(0, 3));
    const note = first.rows[4]!;
    expect(note).toMatch(/^# These are 3 rows and there are more: go on with cursor=/);
    expect(note.split(',')).toHaveLength(first.rows[0]!.split(',').length);
    const cursor = /cursor=(\S+?)[",]/.exec(note)![1];
    const second = await download(`?limit=3&cursor=${cursor}`);
    expect(second.rows.slice(1).map((row) => row.split(',')[0])).toEqual(ids.slice(3));
  });

  test('reads on page by page, and stops with its reader', async () => {
    const rows = Array.from({ length: 1_201 }, () => ({
      to: { phone: '+14155552671' },
      channel: 'sms',
      content: { text: 'x' },
    }));
    for (const part of [rows.slice(0, 1_000), rows.slice(1_000)])
      await api.request('POST', '/v1/notifications/batch', { notifications: part }, { key });
    const { rows: lines } = await download();
    expect(new Set(lines.slice(1).map((line) => line.split(',')[0])).size).toBe(1_201);
    const answer = await api.app.request('http://api.test/v1/notifications/export', {
      headers: { authorization: `Bearer ${key}` },
    });
    const reader = answer.body!.getReader();
    expect((await reader.read()).done).toBe(false);
    await reader.cancel();
  });

  test('an empty list is a file with the names of the columns', async () => {
    expect((await download('?status=dead')).rows).toHaveLength(1);
  });

  test.each([
    ['limit=50001', 'limit'],
    ['status=lost', 'status'],
    ['cursor=x', 'cursor'],
    ['colour=red', 'colour'],
    ['sort=send_at', 'sort'],
  ])('refuses ?%s as a problem', async (query, path) => {
    const { answer, text } = await download(`?${query}`);
    expect(answer.status).toBe(422);
    expect(JSON.parse(text).errors[0].path).toBe(path);
  });
});
