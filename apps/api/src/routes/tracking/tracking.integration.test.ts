import { randomUUID } from 'node:crypto';
import { parseKeyRing } from '@carillon/core/notification/envelope';
import { trackedHtml } from '@carillon/core/recipient/tracking-link';
import { claimNotifications } from '@carillon/db/attempts/claim-notifications';
import { recordOutcomes } from '@carillon/db/attempts/record-outcomes';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type ApiUnderTest, apiUnderTest } from '../../../../../test/support/api.ts';
import { type TestDatabase, testDatabase } from '../../../../../test/support/database.ts';
import { insertNotification, stateOf } from '../../../../../test/support/rows.ts';

const KEYS = `k1:${Buffer.alloc(32, 7).toString('base64')}`;
const ring = parseKeyRing(KEYS);
if ('problem' in ring) throw new Error(ring.problem);

let database: TestDatabase;
let api: ApiUnderTest;
beforeAll(async () => {
  database = await testDatabase();
  api = await apiUnderTest(database.url, { env: { ENCRYPTION_KEYS: KEYS } });
});
afterAll(async () => {
  await api?.close();
  await database?.drop();
});

async function sent() {
  const id = await insertNotification(api.db.sql, { appId: api.appId });
  const leaseToken = randomUUID();
  await claimNotifications(api.db.sql, [id], {
    channel: 'email',
    provider: 'smtp',
    leaseToken,
    leaseMs: 30_000,
  });
  await recordOutcomes(api.db.sql, [
    {
      id,
      n: 1,
      leaseToken,
      state: 'sent',
      outcome: 'accepted',
      phase: 'answered',
      provider: 'smtp',
      latencyMs: 1,
      providerMessageId: id,
    },
  ]);
  const html = trackedHtml('<a href="https://shop.test/x?y=1">x</a>', `${id}/1`, {
    baseUrl: '',
    ring: ring as never,
    opens: true,
    clicks: true,
  });
  return { id, open: /\/v1\/opens\/[\w.-]+/.exec(html)![0], click: /\/v1\/clicks\/[\w.-]+/.exec(html)![0] };
}
const kinds = (id: string) =>
  api.db.sql`select kind from provider_logs where notification_id = ${id} order by kind`;

test('an open is a pixel, counted once, and proves the delivery', async () => {
  const { id, open } = await sent();
  for (let k = 0; k < 2; k++) {
    const response = await api.app.request(open);
    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toBe('image/gif');
  }
  expect(await kinds(id)).toEqual([{ kind: 'opened' }]);
  expect((await stateOf(api.db.sql, id)).state).toBe('delivered');
});

test('a click redirects to the original URL, and is counted once for each link', async () => {
  const { id, click } = await sent();
  for (let k = 0; k < 2; k++) {
    const response = await api.app.request(click);
    expect([response.status, response.headers.get('location')]).toEqual([302, 'https://shop.test/x?y=1']);
  }
  expect(await kinds(id)).toEqual([{ kind: 'clicked' }]);
});

test.each([
  ['a line break', 'https://shop.test/a\n  b', 'https://shop.test/a%20%20b'],
  ['a line break written as an entity', 'https://shop.test/a&#13;&#10;X: y', 'https://shop.test/aX:%20y'],
  ['letters of other scripts', 'https://shop.test/größe/€', 'https://shop.test/gr%C3%B6%C3%9Fe/%E2%82%AC'],
])(
  'a link with %s redirects as browsers resolve it, and never injects a header',
  async (_, href, location) => {
    const { id } = await sent();
    const tracking = { baseUrl: '', ring: ring as never, opens: false, clicks: true };
    const html = trackedHtml(`<a href="${href}">x</a>`, `${id}/1`, tracking);
    const response = await api.app.request(/\/v1\/clicks\/[\w.-]+/.exec(html)![0]);
    expect(response.status).toBe(302);
    expect(response.headers.get('x')).toBeNull();
    expect(response.headers.get('location')).toBe(location);
  },
);

test('a link whose stored name is truncated within a character is counted', async () => {
  const { id } = await sent();
  const start = `click/${id}/1/`.length;
  const url = `https://shop.test/${'x'.repeat(499 - start - 'https://shop.test/'.length)}😀/end`;
  const tracking = { baseUrl: '', ring: ring as never, opens: false, clicks: true };
  const html = trackedHtml(`<a href="${url}">x</a>`, `${id}/1`, tracking);
  expect((await api.app.request(/\/v1\/clicks\/[\w.-]+/.exec(html)![0])).status).toBe(302);
  expect(await kinds(id)).toEqual([{ kind: 'clicked' }]);
});

test('a forged link is answered 404, a forged pixel is only a pixel', async () => {
  expect((await api.app.request('/v1/clicks/abc.def')).status).toBe(404);
  expect((await api.app.request('/v1/opens/abc.def')).status).toBe(200);
});
