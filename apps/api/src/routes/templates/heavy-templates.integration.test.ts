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

const put = (key: string, text: string) =>
  api.request('PUT', `/v1/templates/${key}`, { channels: { sms: { en: { text } } } });
const preview = (key: string, body: object) =>
  api.request('POST', `/v1/templates/${key}/preview`, { channel: 'sms', ...body });

test('a preview that exceeds the work limit of a field is refused, and others are answered meanwhile', async () => {
  await put('hostile', '{% for i in (1..90000) %}{% if x == blank %}1{% endif %}{% endfor %}');
  await put('light', 'Hi {{ name }}');
  const answered: string[] = [];
  const heavy = Array.from({ length: 4 }, async () => {
    const answer = await preview('hostile', { data: { x: ' '.repeat(200_000) } });
    answered.push('heavy');
    return answer;
  });
  const light = preview('light', { data: { name: 'Ada' } }).then((answer) => {
    answered.push('light');
    return answer;
  });
  expect((await light).body.content.text).toBe('Hi Ada');
  const statuses = (await Promise.all(heavy)).map(({ status, body }) => [status, body.code]);
  for (const [status, code] of statuses)
    expect([
      [422, 'invalid_request'],
      [503, 'unavailable'],
    ]).toContainEqual([status, code]);
  expect(answered[0]).toBe('light');
});

test('a long source is checked too, and its mistakes are reported with line and column', async () => {
  const long = `${'x'.repeat(60_000)}\n`;
  const answer = await put('long', `${long}{{ a ?? b }}`);
  expect(answer.status).toBe(422);
  expect(answer.body.errors).toEqual([
    expect.objectContaining({ path: 'channels.sms.en.text', line: 2, column: 6 }),
  ]);
  const deep = await put('deep', '{% if a %}'.repeat(3_000) + '{% endif %}'.repeat(3_000));
  expect(deep.status).toBe(422);
  expect(deep.body.detail).toContain('nested 51 deep, the limit is 50');
});

test('a preview shows times in the zone it is given, else in the zone of the app, else in UTC', async () => {
  await put('when', '{{ at | date: "%H:%M" }}');
  const shown = async (body: object) =>
    (await preview('when', { data: { at: '2026-11-28T10:00:00Z' }, ...body })).body.content.text;
  expect(await shown({})).toBe('10:00');
  expect(await shown({ time_zone: 'Asia/Tokyo' })).toBe('19:00');
  await api.db.sql`update apps set time_zone = 'Europe/Berlin' where id = ${api.appId}`;
  expect(await shown({})).toBe('11:00');
});
