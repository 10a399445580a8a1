import { afterAll, beforeAll, expect, test } from 'vitest';
import { type ApiUnderTest, apiUnderTest } from '../../../../test/support/api.ts';
import { type TestDatabase, testDatabase } from '../../../../test/support/database.ts';

let database: TestDatabase;
let api: ApiUnderTest;

beforeAll(async () => {
  database = await testDatabase();
  api = await apiUnderTest(database.url);
  const email = { en: { subject: 'S', text: 'T' } };
  const saved = await api.request('PUT', '/v1/templates/known', { channels: { email } });
  expect(saved.status).toBeLessThan(300);
});
afterAll(async () => {
  await api.close();
  await database.drop();
});

const to = { email: 'a@example.com' };
const mail = (ordering_key: string) => ({
  to,
  channel: 'email',
  content: { subject: 'S', text: 'T' },
  ordering_key,
});
const batch = async (notifications: object[]) => {
  const { status, body } = await api.request('POST', '/v1/notifications/batch', { notifications });
  expect(status).toBe(207);
  return (body.results as { id: string }[]).map(({ id }) => id);
};
/** Ids in the order of their places. */
const lineOf = async (key: string) => {
  const rows = await api.db.sql<{ id: string }[]>`
    select notification_id as id from notification_order where ordering_key = ${key} order by seq`;
  return rows.map(({ id }) => id);
};

test('a batch keeps its order also when it is stored in parts, of which the first takes longer', async () => {
  // The two together are more than one statement takes, so the second batch is divided; the look-up of a template holds
  // up the first part only.
  const first = [{ to, channel: 'email', template: 'known', ordering_key: 'first' }];
  for (let n = 1; n < 600; n++) first.push(mail('first') as never);
  const [, second] = await Promise.all([
    batch(first),
    batch(Array.from({ length: 1000 }, () => mail('second'))),
  ]);
  expect(await lineOf('second')).toEqual(second);
});

test('a notification that is sent again with its key keeps its place', async () => {
  const request = { ...mail('again'), idempotency_key: 'one' };
  const [one] = await batch([request]);
  const [two, repeated] = await batch([mail('again'), request]);
  expect(repeated).toBe(one);
  expect(await lineOf('again')).toEqual([one, two]);
});

test('an ordering key too long to be one, or with a line break in it, is refused by name', async () => {
  for (const key of ['', 'x'.repeat(256), 'two\nlines']) {
    const { status, body } = await api.request('POST', '/v1/notifications', mail(key));
    expect(status).toBe(422);
    expect(body.errors[0].path).toBe('ordering_key');
  }
});
