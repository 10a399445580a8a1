import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type ApiUnderTest, apiUnderTest } from '../../../test/support/api.ts';
import { type TestDatabase, testDatabase } from '../../../test/support/database.ts';
import { generateTypes, type OpenApiDocument } from './generate-types.ts';

const TYPES = path.join(import.meta.dirname, '../src/api-types.ts');

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

test('the types of the client are those of the API', async () => {
  const document = (await (await api.app.request('/openapi.json')).json()) as OpenApiDocument;
  const made = generateTypes(document);
  // To update them after a change of the API: UPDATE_TYPES=1 npm test -- packages/client/scripts
  if (process.env.UPDATE_TYPES) writeFileSync(TYPES, made);
  const hint =
    'the API describes other types than packages/client/src/api-types.ts; if that is meant: UPDATE_TYPES=1 npm test -- packages/client/scripts';
  expect(readFileSync(TYPES, 'utf8') === made, hint).toBe(true);
});
