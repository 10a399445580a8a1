import { connect } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type TestDatabase, testDatabase } from '../../../test/support/database.ts';
import { type ServedApi, servedApi } from '../../../test/support/served-api.ts';
import { until } from '../../../test/support/until.ts';

let database: TestDatabase;
let api: ServedApi;
let key: string;
beforeAll(async () => {
  database = await testDatabase();
  api = await servedApi(database.url, {}, { limitMs: 1500, everyMs: 100 });
  key = await api.key();
});
afterAll(async () => {
  await api.close();
  await database.drop();
});

/** Sends the head and a part of a body, and returns what comes back so far. */
function begin(path: string, part: string, type: string, length = 20) {
  const socket = connect(api.port, '127.0.0.1');
  let answer = '';
  socket.on('data', (chunk) => (answer += chunk));
  socket.on('error', () => {});
  socket.write(
    `POST ${path} HTTP/1.1\r\nHost: api.test\r\nAuthorization: Bearer ${key}\r\nContent-Type: ${type}\r\nContent-Length: ${length}\r\n\r\n${part}`,
  );
  return { socket, answer: () => answer };
}

test('a request that does not arrive is ended with 408', async () => {
  const { answer } = begin('/v1/notifications', '{"to"', 'application/json');
  await until('an answer', () => answer() !== '');
  expect(answer()).toMatch(/^HTTP\/1\.1 408 [\s\S]*"code":"request_timeout"/);
});

test('an upload has a time of its own', async () => {
  const upload = begin('/v1/recipients/import', '{"id":"a"}', 'application/x-ndjson', 21);
  // Begun later, and ended: by then the upload would have been, too.
  const other = begin('/v1/notifications', '{"to"', 'application/json');
  await until('the other one to be ended', () => other.answer() !== '');
  expect(upload.answer()).toBe('');
  upload.socket.write('\n{"id":"b"}');
  await until('an answer', () => upload.answer() !== '');
  expect(upload.answer()).toMatch(/^HTTP\/1\.1 200 /);
});
