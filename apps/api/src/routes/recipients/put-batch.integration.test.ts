import { afterAll, beforeAll, expect, test } from 'vitest';
import { type ApiUnderTest, apiUnderTest } from '../../../../../test/support/api.ts';
import { type TestDatabase, testDatabase } from '../../../../../test/support/database.ts';

let database: TestDatabase;
let api: ApiUnderTest;
beforeAll(async () => {
  database = await testDatabase();
  api = await apiUnderTest(database.url);
});
afterAll(async () => {
  await api?.close();
  await database?.drop();
});

const PATH = '/v1/recipients/batch';
const put = (recipients: unknown) => api.request('POST', PATH, { recipients });

test('each item has its result, in order; a bad one fails alone and names its field', async () => {
  const { status, body } = await put([
    { id: 'ada', email: 'Ada@Example.com', time_zone: 'Europe/Paris', attributes: { plan: 'pro' } },
    { id: 'bob', email: 'nobody' },
    { email: 'eve@example.com' },
    { id: 'dan', colour: 'red' },
    { id: 'fay' },
  ]);
  expect(status).toBe(207);
  expect(body.results.map(({ index, status }: { index: number; status: number }) => [index, status])).toEqual(
    [
      [0, 201],
      [1, 422],
      [2, 422],
      [3, 422],
      [4, 201],
    ],
  );
  expect(body.results[1].error.errors[0].path).toBe('email');
  expect(body.results[2].error.errors[0].path).toBe('id');
  expect(body.results[3].error.errors[0].path).toBe('colour');
  const ada = await api.request('GET', '/v1/recipients/ada');
  expect(ada.body).toMatchObject({ time_zone: 'Europe/Paris', attributes: { plan: 'pro' } });
  expect((await api.request('GET', '/v1/recipients/bob')).status).toBe(404);
});

test('an id that is given twice is changed in the order of the list', async () => {
  const { body } = await put([
    { id: 'twice', email: 'first@example.com', locale: 'en' },
    { id: 'other' },
    { id: 'twice', email: 'second@example.com' },
    { id: 'twice', email: 'second@example.com' },
  ]);
  expect(body.results.map(({ became }: { became: string }) => became)).toEqual([
    'created',
    'created',
    'updated',
    'unchanged',
  ]);
  const { body: twice } = await api.request('GET', '/v1/recipients/twice');
  expect(twice).toMatchObject({ email: 'second@example.com', locale: 'en' });
});

test('what PostgreSQL cannot store, and what JSON readers lose, is refused item by item', async () => {
  const { status, body } = await api.request(
    'POST',
    PATH,
    '{"recipients":[{"id":"a","attributes":{"x":"\\u0000"}},{"id":"b","locale":"en","locale":"de"},{"id":"c","attributes":{"n":12345678901234567890}},{"id":"d"}]}',
  );
  expect(status).toBe(207);
  expect(body.results.map(({ status }: { status: number }) => status)).toEqual([422, 422, 422, 201]);
});

test('a thousand are taken, one more and anything that is no list are refused', async () => {
  const people = (count: number) => Array.from({ length: count }, (_, n) => ({ id: `many-${n}` }));
  const { body } = await put(people(1000));
  expect(body.results.every(({ status }: { status: number }) => status === 201)).toBe(true);
  for (const wrong of [people(1001), [], 'ada', null])
    expect((await put(wrong)).status, JSON.stringify(wrong).slice(0, 40)).toBe(422);
  expect((await api.request('POST', PATH, { recipients: [{ id: 'a' }], mode: 'replace' })).status).toBe(422);
});
