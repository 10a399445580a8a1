import { connect } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type TestDatabase, testDatabase } from '../../../../test/support/database.ts';
import { type ServedApi, servedApi } from '../../../../test/support/served-api.ts';

let database: TestDatabase;
let api: ServedApi;
let key: string;

beforeAll(async () => {
  database = await testDatabase();
  api = await servedApi(database.url);
  key = await api.key();
});
afterAll(async () => {
  await api.close();
  await database.drop();
});

/** Sends exactly this to the server and returns the status of the answer. */
async function statusOf(head: string, body = ''): Promise<number> {
  const socket = connect(api.port, '127.0.0.1');
  socket.write(
    `${head} HTTP/1.1\r\nHost: api.test\r\nAuthorization: Bearer ${key}\r\nConnection: close\r\n${body}\r\n\r\n`,
  );
  let answer = '';
  for await (const chunk of socket) answer += chunk;
  return Number(/^HTTP\/1\.1 (\d+)/.exec(answer)?.[1]);
}

const NOBODY = '/v1/notifications/0b9d5cd8-5f0c-8f6e-9a55-3c7d0a9d1c11';

test('a request without a body needs no content type, as curl and fetch send it', async () => {
  expect(await statusOf('DELETE /v1/recipients/nobody')).toBe(404);
  expect(await statusOf(`POST ${NOBODY}/cancel`)).toBe(404);
  expect(await statusOf(`POST ${NOBODY}/cancel`, 'Content-Length: 0\r\n')).toBe(404);
});

test('a body without a content type is refused, announced or in chunks', async () => {
  expect(await statusOf(`POST ${NOBODY}/cancel`, 'Content-Length: 2\r\n\r\n{}')).toBe(415);
  expect(await statusOf(`POST ${NOBODY}/cancel`, 'Transfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n')).toBe(
    415,
  );
});
