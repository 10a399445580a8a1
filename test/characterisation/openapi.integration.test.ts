import { expect, test } from 'vitest';
import { apiUnderTest } from '../support/api.ts';
import { testDatabase } from '../support/database.ts';
import { expectGolden } from '../support/golden.ts';

test('the OpenAPI document says what clients were generated from', async () => {
  const database = await testDatabase();
  const api = await apiUnderTest(database.url);
  try {
    const { status, body } = await api.request('GET', '/openapi.json', undefined, { key: null });
    expect(status).toBe(200);
    expectGolden('openapi.json', body);
  } finally {
    await api.close();
    await database.drop();
  }
});
