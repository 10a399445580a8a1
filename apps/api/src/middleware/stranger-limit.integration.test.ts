import { createApiKey } from '@carillon/core/access/api-key';
import { networkOf } from '@carillon/providers/http/client-address';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type TestDatabase, testDatabase } from '../../../../test/support/database.ts';
import { type ServedApi, servedApi } from '../../../../test/support/served-api.ts';
import { createStrangerLimit } from './stranger-limit.ts';

let database: TestDatabase;
let api: ServedApi;

beforeAll(async () => {
  database = await testDatabase();
  api = await servedApi(database.url, { env: { STRANGER_RATE_PER_SECOND: '20' } });
});
afterAll(async () => {
  await api.close();
  await database.drop();
});

const ask = (path: string, key: string, method = 'GET') =>
  fetch(`${api.url}${path}`, { method, headers: { authorization: `Bearer ${key}` } });
const invented = () => createApiKey('live').text;

test('unknown keys and accounts are 429 once their address has used its limit; keys in use still work', async () => {
  const known = await api.key();
  expect((await ask('/v1/categories', known)).status).toBe(200);
  let refused: Response | undefined;
  for (let n = 0; n < 200 && refused?.status !== 429; n++) refused = await ask('/v1/categories', invented());
  expect(refused!.status).toBe(429);
  expect(Number(refused!.headers.get('retry-after'))).toBeGreaterThan(0);
  expect(await refused!.json()).toMatchObject({ code: 'rate_limited' });
  let receipt: Response | undefined;
  for (let n = 0; n < 200 && receipt?.status !== 429; n++)
    receipt = await ask(`/v1/receipts/resend/invented-${n}`, '', 'POST');
  expect(receipt!.status).toBe(429);
  expect((await ask('/v1/categories', known)).status).toBe(200);
  expect((await fetch(`${api.url}/readyz`)).status).toBe(200);
});

test('links of messages are limited by address as well', async () => {
  const statuses = await Promise.all(
    Array.from({ length: 200 }, async () => (await fetch(`${api.url}/v1/unsubscribe/none`)).status),
  );
  expect(new Set(statuses)).toEqual(new Set([404, 429]));
});

test('an existing key does not count against its address, and the quota of an address refills every second', () => {
  let now = 0;
  const limit = createStrangerLimit(10, undefined, () => now);
  for (let n = 0; n < 100; n++) {
    expect(limit.take('a', 10)).toBe(0);
    limit.giveBack('a', 10);
  }
  expect([limit.take('a', 10), limit.take('a', 10), limit.take('a', 10), limit.take('b', 10)]).toEqual([
    0, 0, 1, 0,
  ]);
  now += 1_000;
  expect([limit.take('a', 10), limit.take('a', 10)]).toEqual([0, 1]);
});

test.each([
  ['192.0.2.1', '192.0.2.1'],
  ['::ffff:192.0.2.1', '192.0.2.1'],
  ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
  ['2001:db8:1:2::9', '2001:db8:1:2::/64'],
  ['2001:0db8::1', '2001:db8:0:0::/64'],
  ['fe80::1%eth0', 'fe80:0:0:0::/64'],
  ['::1', '0:0:0:0::/64'],
])('the network of %s is %s', (address, network) => expect(networkOf(address)).toBe(network));
