import { KEY_SCOPES, type KeyScope } from '@carillon/core/access/access';
import { RECIPIENT_SCOPES } from '@carillon/core/access/recipient-token';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type ApiUnderTest, apiUnderTest } from '../../../../test/support/api.ts';
import { type TestDatabase, testDatabase } from '../../../../test/support/database.ts';

interface Operation {
  operationId: string;
  'x-scope'?: KeyScope;
  /** Empty: no scope required. */
  security?: unknown[];
  requestBody?: unknown;
}
interface Found extends Operation {
  method: string;
  path: string;
}

let database: TestDatabase;
let api: ApiUnderTest;
let operations: Found[];

beforeAll(async () => {
  database = await testDatabase();
  api = await apiUnderTest(database.url, { env: { RATE_LIMIT_PER_SECOND: '10000' } });
  const { body } = await api.request('GET', '/openapi.json', undefined, { key: null });
  operations = Object.entries(body.paths as Record<string, Record<string, Operation>>).flatMap(
    ([path, methods]) =>
      Object.entries(methods).map(([method, operation]) => ({
        ...operation,
        method: method.toUpperCase(),
        path: path.replace(/\{[^}]+\}/g, 'x'),
      })),
  );
});
afterAll(async () => {
  await api.close();
  await database.drop();
});

const isOpen = ({ security }: Operation) => security?.length === 0;
/** For the token of a recipient. */
const isRecipients = ({ security }: Operation) => JSON.stringify(security ?? []).includes('recipientToken');
const isForKeys = (operation: Operation) => !isOpen(operation) && !isRecipients(operation);

/** The answer to a key with these scopes; the scope is checked before the rest of the request. */
const ask = async ({ method, path, requestBody }: Found, scopes: readonly KeyScope[]) => {
  const key = await api.key({ scopes });
  return api.request(method, path, requestBody === undefined ? undefined : {}, { key });
};

describe('x-scope in the OpenAPI document', () => {
  test('is set on every operation that needs a key, and on no other', () => {
    expect(operations.filter((each) => !isOpen(each)).length).toBeGreaterThan(50);
    const wrong = operations.filter((each) =>
      isOpen(each)
        ? each['x-scope'] !== undefined
        : !(isRecipients(each) ? RECIPIENT_SCOPES : KEY_SCOPES).includes(each['x-scope'] as never),
    );
    expect(wrong.map(({ operationId }) => operationId)).toEqual([]);
  });

  test('is the scope that the refusal of a key without scopes names', async () => {
    for (const operation of operations.filter(isForKeys)) {
      const { status, body } = await ask(operation, []);
      expect(status, operation.operationId).toBe(403);
      expect(body.detail, operation.operationId).toContain(`this needs ${operation['x-scope']}. Use a key`);
    }
  });

  test('of a recipient is what the token has to open, and no API key opens it', async () => {
    const theirs = operations.filter(isRecipients);
    expect(theirs.length).toBeGreaterThan(10);
    for (const { method, path, requestBody } of theirs) {
      const at = path.replace('/x/', `/${api.appId}/`);
      const answer = await api.request(method, at, requestBody === undefined ? undefined : {});
      expect(answer.status, `${method} ${path}`).toBe(401);
    }
  });

  test('is sufficient: a key with only this scope is not refused for its scopes', async () => {
    for (const operation of operations.filter(isForKeys)) {
      const { body } = await ask(operation, [operation['x-scope']!]);
      expect(body.detail ?? '', operation.operationId).not.toContain('this needs ');
    }
  });
});
