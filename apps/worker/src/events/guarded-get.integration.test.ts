import { lookup } from 'node:dns/promises';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type GuardedGet, guardedGet } from './guarded-get.ts';

const MAX = 1_000;
let server: Server;
let base: string;
let asked = 0;
let inside: GuardedGet;
let outside: GuardedGet;

const ANSWERS: Record<string, RequestListener> = {
  '/file': (_, answer) => answer.writeHead(200, { 'content-type': 'text/plain' }).end('hello'),
  '/full': (_, answer) => answer.writeHead(200).end('x'.repeat(MAX)),
  '/said-too-large': (_, answer) => answer.writeHead(200, { 'content-length': String(MAX + 1) }).write('x'),
  '/is-too-large': (_, answer) => {
    answer.writeHead(200).write('x'.repeat(MAX));
    answer.write('x');
  },
  '/slow': (_, answer) => {
    answer.writeHead(200).write('x');
    const timer = setInterval(() => answer.write('x'), 20);
    answer.on('close', () => clearInterval(timer));
  },
  '/silent': () => {},
  '/cut-off': (_, answer) => {
    answer.writeHead(200, { 'content-length': '100' }).write('x');
    setImmediate(() => answer.destroy());
  },
  '/elsewhere': (_, answer) => answer.writeHead(302, { location: '/file' }).end(),
  '/empty': (_, answer) => answer.writeHead(200).end(),
  '/packed': (_, answer) => answer.writeHead(200, { 'content-encoding': 'gzip' }).end('x'),
  '/partly': (_, answer) => answer.writeHead(206).end('x'),
};

beforeAll(async () => {
  server = createServer((question, answer) => {
    asked++;
    const status = /^\/status\/(\d+)$/.exec(question.url!)?.[1];
    if (status) answer.writeHead(Number(status)).end('x');
    else ANSWERS[question.url!]!(question, answer);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  inside = guardedGet({ allowPrivate: true, timeoutMs: 300 });
  outside = guardedGet({ allowPrivate: false, timeoutMs: 300 });
});
afterAll(async () => {
  await Promise.all([inside.close(), outside.close()]);
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

test('the content comes with its type, up to the last byte that is allowed', async () => {
  expect(await inside.get(`${base}/file`, MAX)).toEqual({
    content: Buffer.from('hello'),
    contentType: 'text/plain',
  });
  expect(await inside.get(`${base}/full`, MAX)).toMatchObject({ contentType: null });
});

test.each(['/said-too-large', '/is-too-large'])(
  '%s: a larger one is refused permanently, unread',
  async (path) => {
    expect(await inside.get(base + path, MAX)).toEqual({
      error: 'is larger than the 1000 bytes that are left for it',
      again: false,
    });
  },
);

test.each(['/slow', '/silent'])(
  '%s: one that takes longer than its time may be fetched later',
  async (path) => {
    expect(await inside.get(base + path, MAX)).toEqual({ error: 'no answer within 0.3 s', again: true });
  },
);

test('a truncated file is an error', async () => {
  expect(await inside.get(`${base}/cut-off`, MAX)).toMatchObject({ again: true });
});

test.each<[string, string, boolean]>([
  ['/elsewhere', 'answered 302: redirects are not followed', false],
  ['/empty', 'is empty', false],
  ['/packed', 'came packed (gzip), which was not asked for', false],
  ['/partly', 'answered 206', false],
  ['/status/404', 'answered 404', false],
  ['/status/403', 'answered 403', false],
  ['/status/429', 'answered 429', true],
  ['/status/503', 'answered 503', true],
])('%s %s', async (path, error, again) => {
  expect(await inside.get(base + path, MAX)).toEqual({ error, again });
});

test('a private network is refused before any request, by address and by name, and plain http too', async () => {
  const before = asked;
  const port = new URL(base).port;
  // A machine with nothing on it may not even know the name of its own loopback.
  const names = await lookup('localhost').then(
    () => ['localhost'],
    () => [],
  );
  for (const host of ['127.0.0.1', '[::1]', ...names])
    expect(await outside.get(`https://${host}:${port}/file`, MAX)).toMatchObject({
      error: expect.stringContaining('private'),
      again: false,
    });
  expect(await outside.get('http://example.com/file', MAX)).toEqual({
    error: 'is no https address',
    again: false,
  });
  expect(asked).toBe(before);
});

test('a caller that gives up does not wait', async () => {
  expect(await inside.get(`${base}/file`, MAX, AbortSignal.abort())).toMatchObject({ again: true });
});
