import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { until } from '../../support/until.ts';
import { type Postman, startPostman } from './postman.ts';

let server: Server;
let postman: Postman;
let received: string[];
let answer: number;

beforeEach(async () => {
  received = [];
  answer = 200;
  server = createServer(async (request, response) => {
    let body = '';
    for await (const chunk of request) body += chunk;
    received.push(`${request.url} ${request.headers['x-signature']} ${body}`);
    response.writeHead(body.includes('bounced') ? 401 : answer).end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  postman = await startPostman(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
});
afterEach(async () => {
  await postman.close();
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

const post = async (n: number) =>
  (
    await fetch(`${postman.url}/v1/receipts/x/y?n=${n}`, {
      method: 'POST',
      headers: { 'x-signature': 's' },
      body: `delivered ${n}`,
    })
  ).status;
const letter = (n: number) => `/v1/receipts/x/y?n=${n} s delivered ${n}`;

test('an honest one delivers each once, with its headers, and returns the API’s answer', async () => {
  expect(await post(1)).toBe(200);
  answer = 503;
  expect(await post(2)).toBe(503);
  expect(received).toEqual([letter(1), letter(2)]);
});

test('a repeating one delivers each three times', async () => {
  postman.be('repeating');
  await post(1);
  await until('three', () => received.length === 3);
  expect(new Set(received)).toEqual(new Set([letter(1)]));
});

test('a reversing one delivers in reverse order', async () => {
  postman.be('reversing');
  const posts: Promise<number>[] = [];
  for (const n of [1, 2, 3]) {
    posts.push(post(n));
    await until(
      `letter ${n} to be in the bag`,
      () => new Promise((resolve) => setImmediate(() => resolve(true))),
    );
  }
  await Promise.all(posts);
  expect(received).toEqual([letter(3), letter(2), letter(1)]);
});

test('a forging one adds a receipt with another body under the old signature, and counts accepted forgeries', async () => {
  postman.be('forging');
  expect(await post(1)).toBe(200);
  expect(received).toEqual(['/v1/receipts/x/y?n=1 s bounced 1', letter(1)]);
  expect([postman.forgedTaken(), postman.forgedRefused()]).toEqual([0, 1]);
});
