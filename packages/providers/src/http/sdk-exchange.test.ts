import { expect, test } from 'vitest';
import type { HttpClient, HttpRequest } from './http-client.ts';
import { carry, throughSdk } from './sdk-exchange.ts';

const { signal } = new AbortController();
const REQUEST = { path: '/x', headers: { a: '1' }, body: 'b' };

function recorder(): HttpClient & { sent: HttpRequest[] } {
  const sent: HttpRequest[] = [];
  return {
    sent,
    post: async (request) => {
      sent.push(request);
      return { phase: 'answered', status: 503, headers: {}, body: '', tooLarge: false };
    },
    get: async () => {
      throw new Error('an SDK sends by POST');
    },
    close: async () => {},
  };
}

test('an SDK that retries within one send is stopped at the second request, and the first result counts', async () => {
  const client = recorder();
  const result = await throughSdk({ signal }, async () => {
    for (let n = 0; n < 5; n++) await carry(client, REQUEST);
  });
  expect(client.sent).toHaveLength(1);
  expect(result).toMatchObject({ phase: 'answered', status: 503 });
});

test('sends that run at the same time do not mix', async () => {
  const client = recorder();
  const one = new AbortController();
  const two = new AbortController();
  await Promise.all([
    throughSdk(one, () => carry(client, { ...REQUEST, path: '/one' }), { token: 'one' }),
    throughSdk(two, () => carry(client, { ...REQUEST, path: '/two' }), { token: 'two' }),
  ]);
  expect(client.sent[0]).toEqual({
    ...REQUEST,
    path: '/one',
    headers: { a: '1', token: 'one' },
    signal: one.signal,
  });
  expect(client.sent[1]).toEqual({
    ...REQUEST,
    path: '/two',
    headers: { a: '1', token: 'two' },
    signal: two.signal,
  });
});

test('an SDK that refuses the message has sent nothing', async () => {
  const error = new Error('no recipient');
  const result = await throughSdk({ signal }, async () => {
    throw error;
  });
  expect(result).toEqual({ phase: 'not_composed', error });
});

test('an SDK cannot send outside of a send', async () => {
  const client = recorder();
  await expect(carry(client, REQUEST)).rejects.toThrow('outside of a send');
  expect(client.sent).toHaveLength(0);
});
