import { connect } from 'node:net';
import { PROBLEMS } from '@carillon/core/text/problem';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type TestDatabase, testDatabase } from '../../../test/support/database.ts';
import { type ServedApi, servedApi } from '../../../test/support/served-api.ts';

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

interface RawAnswer {
  status: number;
  headers: Headers;
  text: string;
}

/** Sends exactly these bytes and reads until the server ends the connection. */
async function raw(bytes: string | Buffer): Promise<RawAnswer> {
  const socket = connect(api.port, '127.0.0.1');
  socket.on('error', () => {});
  socket.write(bytes);
  let answer = '';
  for await (const chunk of socket) answer += chunk;
  const [head = '', ...rest] = answer.split('\r\n\r\n');
  const [first = '', ...lines] = head.split('\r\n');
  const pairs = lines.map((line): [string, string] => {
    const colon = line.indexOf(':');
    return [line.slice(0, colon), line.slice(colon + 1).trim()];
  });
  return { status: Number(first.split(' ')[1]), headers: new Headers(pairs), text: rest.join('\r\n\r\n') };
}

const HOST = 'Host: api.test\r\n';
const CLOSE = 'Connection: close\r\n';

describe('the HTTP layer answers with a problem and a request id', () => {
  test.each<[string, string, number, string]>([
    ['what is not HTTP', 'hello\r\n\r\n', 400, 'malformed_request'],
    ['TLS', '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n', 400, 'malformed_request'],
    ['an unknown method', `BREW /healthz HTTP/1.1\r\n${HOST}\r\n`, 400, 'malformed_request'],
    ['another version', `GET /healthz HTTP/9.9\r\n${HOST}\r\n`, 400, 'malformed_request'],
    ['no Host', 'GET /healthz HTTP/1.1\r\n\r\n', 400, 'malformed_request'],
    ['two Hosts', `GET /healthz HTTP/1.1\r\n${HOST}Host: other.test\r\n\r\n`, 400, 'malformed_request'],
    ['the same Host twice', `GET /healthz HTTP/1.0\r\n${HOST}${HOST}\r\n`, 400, 'malformed_request'],
    ['an empty Host', 'GET /healthz HTTP/1.1\r\nHost: a b\r\n\r\n', 400, 'malformed_request'],
    ['a Host that is none', 'GET /healthz HTTP/1.1\r\nHost: [::\r\n\r\n', 400, 'malformed_request'],
    ['a target that is none', `GET healthz HTTP/1.1\r\n${HOST}\r\n`, 400, 'malformed_request'],
    ['an asterisk', `OPTIONS * HTTP/1.1\r\n${HOST}${CLOSE}\r\n`, 400, 'malformed_request'],
    ['a backslash in the path', `GET /a\\b HTTP/1.1\r\n${HOST}${CLOSE}\r\n`, 400, 'malformed_request'],
    ['a header without a name', `GET /healthz HTTP/1.1\r\n${HOST}: x\r\n\r\n`, 400, 'malformed_request'],
    ['a NUL in a header', `GET /healthz HTTP/1.1\r\n${HOST}X: a\0b\r\n\r\n`, 400, 'malformed_request'],
    ['a folded header', `GET /healthz HTTP/1.1\r\n${HOST} x\r\n\r\n`, 400, 'malformed_request'],
    [
      'two lengths',
      `POST /v1/notifications HTTP/1.1\r\n${HOST}Content-Length: 1\r\nContent-Length: 2\r\n\r\n`,
      400,
      'malformed_request',
    ],
    [
      'a length and chunks',
      `POST /v1/notifications HTTP/1.1\r\n${HOST}Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n`,
      400,
      'malformed_request',
    ],
    [
      'a length that is none',
      `POST /v1/notifications HTTP/1.1\r\n${HOST}Content-Length: x\r\n\r\n`,
      400,
      'malformed_request',
    ],
    [
      'headers beyond 16 KiB',
      `GET /healthz HTTP/1.1\r\n${HOST}X: ${'x'.repeat(20_000)}\r\n\r\n`,
      431,
      'headers_too_large',
    ],
    [
      'an address beyond 16 KiB',
      `GET /${'x'.repeat(20_000)} HTTP/1.1\r\n${HOST}\r\n`,
      431,
      'headers_too_large',
    ],
    ['another expectation', `GET /healthz HTTP/1.1\r\n${HOST}Expect: x\r\n\r\n`, 417, 'expectation_failed'],
    ['CONNECT', `CONNECT example.com:443 HTTP/1.1\r\n${HOST}\r\n`, 405, 'method_not_allowed'],
    ['TRACE', `TRACE /healthz HTTP/1.1\r\n${HOST}${CLOSE}\r\n`, 405, 'method_not_allowed'],
  ])('to %s', async (_, bytes, status, code) => {
    const answer = await raw(Buffer.from(bytes, 'latin1'));
    expect([answer.status, answer.headers.get('content-type')]).toEqual([status, 'application/problem+json']);
    const body = JSON.parse(answer.text);
    expect(body).toMatchObject({
      code,
      status,
      title: PROBLEMS[code as keyof typeof PROBLEMS].title,
      type: `http://api.test/docs/problems#${code}`,
      request_id: answer.headers.get('x-request-id'),
    });
    expect(body.request_id).toBeTruthy();
    expect(answer.headers.get('x-content-type-options')).toBe('nosniff');
    expect(api.logged).toEqual([]);
  });

  test('an invalid request after a valid one does not affect its answer', async () => {
    const { status, text } = await raw(`GET /healthz HTTP/1.1\r\n${HOST}\r\nhello\r\n\r\n`);
    expect(status).toBe(200);
    expect(text).toMatch(/^\{"status":"ok"\}HTTP\/1\.1 400 Bad Request\r\n/);
  });

  test('HTTP/1.0 without a Host is answered', async () => {
    expect((await raw('GET /healthz HTTP/1.0\r\n\r\n')).status).toBe(200);
  });
});

describe('a body is refused with 415', () => {
  const post = (headers: string, body = '{}') =>
    raw(
      `POST /v1/notifications HTTP/1.1\r\n${HOST}${CLOSE}Authorization: Bearer ${key}\r\n${headers}Content-Length: ${body.length}\r\n\r\n${body}`,
    );

  test.each([
    ['gzip', 'Content-Type: application/json\r\nContent-Encoding: gzip\r\n', 'gzip'],
    ['br, deflate', 'Content-Type: application/json\r\nContent-Encoding: br, deflate\r\n', 'br, deflate'],
    ['a charset', 'Content-Type: application/json; charset=iso-8859-1\r\n', 'iso-8859-1'],
    ['UTF-16', 'Content-Type: application/json; charset="utf-16"\r\n', 'utf-16'],
    ['text', 'Content-Type: text/json\r\n', 'text/json'],
    ['a type that validators do not know', 'Content-Type: application/a+b+json\r\n', 'a+b+json'],
  ])('for %s', async (_, headers, named) => {
    const { status, text } = await post(headers);
    expect([status, JSON.parse(text).code]).toEqual([415, 'unsupported_media_type']);
    expect(JSON.parse(text).detail).toContain(named);
  });

  test.each([
    'application/json;charset=UTF-8',
    'APPLICATION/JSON ; Charset="utf-8"',
    'application/problem+json',
    'application/json; charset=utf8; x=y',
  ])('and read as %s', async (type) => {
    expect((await post(`Content-Type: ${type}\r\nContent-Encoding: identity\r\n`)).status).toBe(422);
  });
});

describe('a body is refused with 400 if its bytes are not UTF-8', () => {
  const post = async (bytes: Buffer) => {
    const answer = await fetch(`${api.url}/v1/notifications`, {
      method: 'POST',
      headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
      body: new Uint8Array(bytes),
    });
    return { status: answer.status, body: (await answer.json()) as { code: string; detail: string } };
  };

  test.each([
    ['Windows-1252', Buffer.from('{"to":"\xe9"}', 'latin1'), '0xe9 at offset 7'],
    ['a cut character', Buffer.from([0x22, 0xe2, 0x82, 0x22]), 'not UTF-8'],
    ['a surrogate in bytes', Buffer.from([0x22, 0xed, 0xa0, 0x80, 0x22]), 'not UTF-8'],
    ['an overlong slash', Buffer.from([0x22, 0xc0, 0xaf, 0x22]), '0xc0 at offset 1'],
    ['UTF-16', Buffer.from('{"to":1}', 'utf16le'), 'UTF-16'],
    ['UTF-16 with a mark', Buffer.from('\ufeff{"to":1}', 'utf16le'), 'UTF-16'],
  ])('%s', async (_, bytes, words) => {
    const { status, body } = await post(bytes);
    expect([status, body.code]).toEqual([400, 'malformed_json']);
    expect(body.detail).toContain(words);
  });

  test('a byte order mark of UTF-8 is ignored', async () => {
    expect((await post(Buffer.from('\ufeff{}'))).status).toBe(422);
  });
});
