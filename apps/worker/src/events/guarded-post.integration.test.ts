import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type GuardedPost, guardedPost } from './guarded-post.ts';

let server: Server;
let base: string;
/** Bytes of an answer that left its server before the connection was closed. */
let written = 0;
let inside: GuardedPost;

const ANSWERS: Record<string, RequestListener> = {
  '/endless': (_, answer) => {
    answer.writeHead(200);
    const chunk = 'x'.repeat(64 * 1024);
    const more = (): void => {
      while (!answer.destroyed && answer.write(chunk)) written += chunk.length;
    };
    answer.on('drain', more);
    more();
  },
  '/dripping': (_, answer) => {
    answer.writeHead(200).write('x');
    const timer = setInterval(() => answer.write('x'), 20);
    answer.on('close', () => clearInterval(timer));
  },
  '/silent': () => {},
  '/head-without-end': ({ socket }) => {
    socket.write('HTTP/1.1 200 OK\r\n');
    const timer = setInterval(() => socket.write('x: y\r\n'), 20);
    socket.on('close', () => clearInterval(timer));
  },
  '/large-head': ({ socket }) => socket.write(`HTTP/1.1 200 OK\r\nx: ${'y'.repeat(1024 * 1024)}`),
  '/no-http': ({ socket }) => socket.end('220 this is no HTTP\r\n'),
  '/elsewhere': (_, answer) => answer.writeHead(307, { location: '/endless' }).end(),
};

beforeAll(async () => {
  server = createServer((question, answer) => ANSWERS[question.url!]!(question, answer));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  inside = guardedPost({ allowPrivate: true, timeoutMs: 300 });
});
afterAll(async () => {
  await inside.close();
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

const post = async (path: string) => {
  const startedAt = performance.now();
  const result = await inside.post(base + path, {}, '{}');
  return { result, ms: performance.now() - startedAt };
};

test('of a long answer only the beginning is read: the status is the answer', async () => {
  const { result, ms } = await post('/endless');
  expect(result).toMatchObject({ status: 200 });
  expect(ms).toBeLessThan(2_000);
  // The content of both sockets' buffers when the connection is closed.
  expect(written).toBeLessThan(16 * 1024 * 1024);
});

test.each(['/silent', '/head-without-end'])('%s: an answer that is too late counts as none', async (path) => {
  const { result, ms } = await post(path);
  expect(result).toEqual({ error: 'no answer within 0.3 s' });
  expect(ms).toBeLessThan(2_000);
});

test('a slowly dripping answer is not read to its end', async () => {
  const { result, ms } = await post('/dripping');
  expect(result).toMatchObject({ status: 200 });
  expect(ms).toBeLessThan(2_000);
});

test.each(['/large-head', '/no-http'])(
  '%s: an invalid answer is a failed try, not an error',
  async (path) => {
    expect((await post(path)).result).toEqual({ error: expect.any(String) });
  },
);

test('a redirect is an answer, and is not followed', async () => {
  expect((await post('/elsewhere')).result).toMatchObject({ status: 307 });
});

test.each([
  'http://2130706433/',
  'http://0x7f.1/',
  'http://[::ffff:127.0.0.1]/',
  'http://[64:ff9b::7f00:1]/',
  'http://100.64.0.1/',
])('a private address in whatever spelling is refused before anything is dialled: %s', async (url) => {
  const outside = guardedPost({ allowPrivate: false, timeoutMs: 300 });
  expect(await outside.post(url, {}, '{}')).toEqual({ error: expect.stringContaining('private network') });
  await outside.close();
});
