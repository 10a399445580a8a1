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

  test('by somebody who has changed it is refused', async () => {
    const other = await api.key({ appId, environment: 'test' });
    const id = await created();
    await api.request('PATCH', `/v1/campaigns/${id}`, { data: { a: 1 } }, { key: other });
    const refused = await api.request('POST', `/v1/campaigns/${id}/approve`, undefined, { key: other });
    expect(refused.status).toBe(403);
  });
});
