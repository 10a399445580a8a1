import type { Reader } from '@carillon/db/replica/reader';
import { storeRequests } from '@carillon/db/request-log/write-request-log';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type ApiUnderTest, apiUnderTest } from '../../../../test/support/api.ts';
import { type TestDatabase, testDatabase } from '../../../../test/support/database.ts';
import { readFor } from './read-for.ts';
import { READ_PLACES } from './read-places.ts';

let database: TestDatabase;
let api: ApiUnderTest;
interface Operation {
  operationId: string;
  parameters?: { name: string }[];
  responses: Record<string, { headers?: Record<string, unknown> }>;
}
let operations: (Operation & { method: string; path: string })[];

beforeAll(async () => {
  database = await testDatabase();
  api = await apiUnderTest(database.url);
  const { body } = await api.request('GET', '/openapi.json');
  operations = Object.entries(body.paths as Record<string, Record<string, Operation>>).flatMap(
    ([path, item]) => Object.entries(item).map(([method, operation]) => ({ ...operation, method, path })),
  );
});
afterAll(async () => {
  await api.close();
  await database.drop();
});

test('it is decided of every operation that reads where it reads, and of no other', () => {
  // Links in messages, and the probes of orchestrators.
  const others = ['health', 'readiness', 'trackOpen', 'trackClick'];
  const reads = operations.filter(({ method }) => method === 'get').map(({ operationId }) => operationId);
  const expected = [...reads.filter((id) => !others.includes(id)), 'countFilter'];
  expect(Object.keys(READ_PLACES).sort()).toEqual(expected.sort());
});

test('the document says the lag of exactly those answers that may have one', () => {
  for (const { operationId, responses, parameters = [] } of operations) {
    const place = (READ_PLACES as Record<string, string>)[operationId];
    const saysLag = Object.hasOwn(responses['200']?.headers ?? {}, 'Carillon-Replica-Lag');
    const takesBound = parameters.some(({ name }) => name === 'Carillon-Max-Lag');
    expect({ operationId, saysLag, takesBound }).toEqual({
      operationId,
      saysLag: place === 'replica' || place === 'shared',
      takesBound: place === 'replica',
    });
  }
});

test('a route of another place cannot read from a replica', () => {
  const reads = { read: () => Promise.reject(new Error('not read')) };
  expect(() => readFor({ reads }, { operationId: 'listNotifications' })).not.toThrow();
  expect(() => readFor({ reads }, { operationId: 'getNotification' })).toThrow('READ_PLACES');
  expect(() => readFor({ reads }, { operationId: 'send' })).toThrow('null');
});

test('a verb that writes does not take what a read is given', () => {
  // Compiled, never called.
  const written = (reader: Reader) =>
    // @ts-expect-error: the types of readers and writers differ.
    storeRequests(reader, []);
  expect(written).toBeTypeOf('function');
});

test('a bound of the lag that is no number of seconds is refused', async () => {
  for (const given of ['-1', 'soon', '1e3', '']) {
    const { status, body } = await api.request('GET', '/v1/notifications', undefined, {
      headers: { 'Carillon-Max-Lag': given },
    });
    expect([given, status, body.errors?.[0]?.path]).toEqual([given, 422, 'Carillon-Max-Lag']);
  }
});

test('without a replica no answer has a lag', async () => {
  const { status, headers } = await api.request('GET', '/v1/notifications', undefined, {
    headers: { 'Carillon-Max-Lag': '0' },
  });
  expect([status, headers.has('Carillon-Replica-Lag')]).toEqual([200, false]);
});
