import { afterAll, beforeAll, expect, test } from 'vitest';
import { type TestDatabase, testDatabase } from '../../../../test/support/database.ts';
import { type ServedApi, servedApi } from '../../../../test/support/served-api.ts';

let database: TestDatabase;
let api: ServedApi;
beforeAll(async () => {
  database = await testDatabase();
  api = await servedApi(database.url, { env: { STRANGER_RATE_PER_SECOND: '10' } });
});
afterAll(async () => {
  await api?.close();
  await database?.drop();
});

test('a flood of invented origins is refused before each of them is looked up; a listed one goes on', async () => {
  const listed = 'https://listed.example';
  await api.db.sql`update apps set allowed_origins = ${[listed]} where id = ${api.appId}`;
  const token = await api.recipientToken('ada');
  const from = (origin: string) =>
    fetch(`${api.url}/v1/inbox`, { headers: { origin, authorization: `Bearer ${token}` } });
  expect((await from(listed)).status).toBe(200);
  const statuses: number[] = [];
  for (let n = 0; n < 10; n++) statuses.push((await from(`https://invented-${n}.example`)).status);
  expect(new Set(statuses)).toEqual(new Set([403, 429]));
  expect((await from(listed)).status).toBe(200);
});
