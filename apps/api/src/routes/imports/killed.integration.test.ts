import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type ApiUnderTest, apiUnderTest } from '../../../../../test/support/api.ts';
import { apiProcess } from '../../../../../test/support/api-process.ts';
import { type TestDatabase, testDatabase } from '../../../../../test/support/database.ts';
import { openUpload } from '../../../../../test/support/imports.ts';
import { until } from '../../../../../test/support/until.ts';

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

const start = () => apiProcess({ DATABASE_URL: database.url, API_PORT: '0', NAMESPACE: 'killed' });

test('an API that is killed in the middle of an import leaves whole parts, and another one goes on', async () => {
  const key = await api.key();
  const { sql } = api.db;
  const id = randomUUID();
  const headers = { 'import-id': id };
  const file = Array.from({ length: 30_000 }, (_, n) => `{"id":"k${n}","locale":"en"}\n`).join('');
  const read = async () => (await api.request('GET', `/v1/imports/${id}`)).body;
  const stored = async () => {
    const [row] = await sql<[{ count: number }]>`
      select count(*)::int as count from recipients where app_id = ${api.appId}`;
    return row.count;
  };
  await sql`insert into recipients (app_id, environment, id) values (${api.appId}, 'live', 'k5')`;

  const first = start();
  const upload = openUpload(await first.listens(), 'ndjson', key, { headers });
  upload.send(file.slice(0, Math.floor(file.length * 0.8)));
  await until('a part to be stored', async () => (await read()).read > 0, { timeoutMs: 60_000 });
  first.child.kill('SIGKILL');
  await first.exit;
  upload.cut();
  const before = await read();
  expect(before.read).toBeLessThan(30_000);
  expect(before.created + before.updated + before.unchanged).toBe(before.read);
  expect(await stored()).toBe(before.created + 1);
  // Changed after it was read: the lines before are not applied again.
  await sql`update recipients set locale = 'de' where app_id = ${api.appId} and id = 'k1'`;

  const second = start();
  try {
    const url = await second.listens();
    const again = await until(
      'the killed upload to have lost its import',
      async () => {
        const whole = openUpload(url, 'ndjson', key, { headers });
        whole.send(file);
        whole.end();
        const answer = await whole.answer.catch(() => null);
        return answer?.status === 200 ? answer : undefined;
      },
      { timeoutMs: 90_000 },
    );
    expect(again.body).toMatchObject({ status: 'done', read: 30_000, failed: 0, next_line: 30_001 });
    expect(await stored()).toBe(30_000);
    const [one] = await sql`select locale from recipients where app_id = ${api.appId} and id = 'k1'`;
    expect(one).toEqual({ locale: 'de' });
  } finally {
    second.child.kill('SIGTERM');
    await second.exit;
  }
}, 180_000);
