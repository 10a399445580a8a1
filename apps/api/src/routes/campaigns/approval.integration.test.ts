import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type ApiUnderTest, apiUnderTest } from '../../../../../test/support/api.ts';
import { insertPeople, insertTemplate } from '../../../../../test/support/campaign-rows.ts';
import { type TestDatabase, testDatabase } from '../../../../../test/support/database.ts';
import { insertApp } from '../../../../../test/support/rows.ts';

let database: TestDatabase;
let api: ApiUnderTest;
/** A new app for each test. */
let key: string;
let appId: string;

beforeAll(async () => {
  database = await testDatabase();
  api = await apiUnderTest(database.url);
});
afterAll(async () => {
  await api.close();
  await database.drop();
});
beforeEach(async () => {
  appId = await insertApp(api.db.sql);
  key = await api.key({ appId, environment: 'test' });
  await insertTemplate(api.db.sql, appId, { key: 'news' });
  await request('PUT', '/v1/categories/offers', { delivery_policy: 'resolve', unsubscribable: true });
  await insertPeople(api.db.sql, { appId, count: 3 });
});

const request = (method: string, path: string, body?: unknown) => api.request(method, path, body, { key });
const created = async (): Promise<string> => {
  const campaign = {
    ...{ name: 'Spring news', template: 'news', channel: 'email', category: 'offers' },
    audience: { filter: { all: [] } },
  };
  return (await request('POST', '/v1/campaigns', campaign)).body.id;
};
const post = (id: string, verb: string) => request('POST', `/v1/campaigns/${id}/${verb}`);
const get = async (id: string) => (await request('GET', `/v1/campaigns/${id}`)).body;
const patch = (id: string, body: unknown) => request('PATCH', `/v1/campaigns/${id}`, body);

describe('approval', () => {
  test('is by another person, of exactly this version, where the app asks for it', async () => {
    await api.db.sql`update apps set approves_campaigns = true where id = ${appId}`;
    const other = await api.key({ appId, environment: 'test' });
    const approve = (by: string, id: string) =>
      api.request('POST', `/v1/campaigns/${id}/approve`, undefined, { key: by });
    const id = await created();
    expect(await get(id)).toMatchObject({ needs_approval: true, approved_by: null });
    const refused = await post(id, 'schedule');
    expect(refused).toMatchObject({ status: 409, body: { code: 'invalid_state' } });
    expect(refused.body.detail).toContain('it is not approved');
    expect(await approve(key, id)).toMatchObject({ status: 403, body: { code: 'forbidden' } });

    expect((await approve(other, id)).body.approved_by).toMatch(/^key:/);
    await patch(id, { data: { a: 1 } });
    expect(await get(id)).toMatchObject({ approved_by: null });
    expect((await post(id, 'schedule')).status).toBe(409);

    expect((await approve(other, id)).status).toBe(200);
    expect((await patch(id, { name: 'Renamed' })).body.approved_by).toMatch(/^key:/);
    // Another text of the template is not what was approved.
    await request('PUT', '/v1/templates/news', {
      channels: { email: { en: { subject: 'Other', text: 'Other' } } },
    });
    expect((await post(id, 'schedule')).status).toBe(409);
    expect((await approve(other, id)).status).toBe(200);
    expect((await post(id, 'schedule')).status).toBe(200);
  });

  test('that nobody asks for is said to be so', async () => {
    const id = await created();
    expect(await get(id)).toMatchObject({ needs_approval: false, approved_by: null });
    const { body } = await request('GET', '/v1/campaigns');
    expect(body.data).toMatchObject([{ id, needs_approval: false }]);
  });

  test('by somebody who has changed it is refused', async () => {
    const other = await api.key({ appId, environment: 'test' });
    const id = await created();
    await api.request('PATCH', `/v1/campaigns/${id}`, { data: { a: 1 } }, { key: other });
    const refused = await api.request('POST', `/v1/campaigns/${id}/approve`, undefined, { key: other });
    expect(refused.status).toBe(403);
  });
});

describe('who changed a campaign last', () => {
  test('is who wrote its content or schedule, and nobody who approves or pauses it', async () => {
    const id = await created();
    const { created_by: author, updated_by: first } = await get(id);
    expect(first).toBe(author);
    const other = await api.key({ appId, environment: 'test' });
    const byOther = (method: string, path: string, body?: unknown) =>
      api.request(method, `/v1/campaigns/${id}${path}`, body, { key: other });
    expect((await byOther('POST', '/approve')).body.updated_by).toBe(author);
    const changed = (await byOther('PATCH', '', { name: 'Another' })).body;
    expect(changed.updated_by).toMatch(/^key:/);
    expect(changed.updated_by).not.toBe(author);
    expect(changed.created_by).toBe(author);

    const later = new Date(Date.now() + 3_600_000).toISOString();
    expect((await request('POST', `/v1/campaigns/${id}/schedule`, { send_at: later })).body).toMatchObject({
      state: 'scheduled',
      updated_by: author,
    });
    expect((await byOther('POST', '/pause')).body).toMatchObject({ state: 'paused', updated_by: author });
  });

  test('is named to whom a change with If-Match was refused', async () => {
    const id = await created();
    const etag = (await request('GET', `/v1/campaigns/${id}`)).headers.get('etag')!;
    const other = await api.key({ appId, environment: 'test' });
    const theirs = await api.request('PATCH', `/v1/campaigns/${id}`, { name: 'Theirs' }, { key: other });
    const headers = { 'if-match': etag };
    const refused = await api.request('PATCH', `/v1/campaigns/${id}`, { name: 'Mine' }, { key, headers });
    expect(refused).toMatchObject({ status: 409, body: { code: 'conflict' } });
    expect(await get(id)).toMatchObject({ name: 'Theirs', updated_by: theirs.body.updated_by });
  });
});
