import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type ApiUnderTest, apiUnderTest } from '../../../../test/support/api.ts';
import { type TestDatabase, testDatabase } from '../../../../test/support/database.ts';

const ROOT = path.join(import.meta.dirname, '../../../..');
const dir = mkdtempSync(path.join(tmpdir(), 'carillon-openapi-'));
let database: TestDatabase;
let api: ApiUnderTest;

beforeAll(async () => {
  database = await testDatabase();
  api = await apiUnderTest(database.url);
});
afterAll(async () => {
  await api.close();
  await database.drop();
  rmSync(dir, { recursive: true, force: true });
});

/** What Redocly finds in a document by the rules of redocly.yaml: `rule at place: message`. */
function lint(document: unknown): string[] {
  const file = path.join(dir, 'openapi.json');
  writeFileSync(file, JSON.stringify(document));
  const args = ['lint', '--config', path.join(ROOT, 'redocly.yaml'), '--format', 'json', file];
  const { stdout, stderr } = spawnSync(path.join(ROOT, 'node_modules/.bin/redocly'), args, {
    encoding: 'utf8',
    env: { ...process.env, REDOCLY_TELEMETRY: 'off', REDOCLY_SUPPRESS_UPDATE_NOTICE: 'true' },
  });
  if (!stdout) throw new Error(stderr);
  const { problems } = JSON.parse(stdout) as {
    problems: { ruleId: string; message: string; location: { pointer?: string }[] }[];
  };
  return problems.map(({ ruleId, message, location }) => `${ruleId} at ${location[0]?.pointer}: ${message}`);
}

test('the OpenAPI document passes the lint, which finds a fault in it', async () => {
  const document = (await api.request('GET', '/openapi.json', undefined, { key: null })).body;
  expect(lint(document)).toEqual([]);
  document.paths['/v1/notifications'].post.operationId = document.paths['/v1/notifications'].get.operationId;
  expect(lint(document).join()).toContain('operation-operationId-unique');
});
