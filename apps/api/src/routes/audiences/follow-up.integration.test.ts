import { hash, randomUUID } from 'node:crypto';
import { notificationId } from '@carillon/core/text/ids';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type ApiUnderTest, apiUnderTest } from '../../../../../test/support/api.ts';
import { type TestDatabase, testDatabase } from '../../../../../test/support/database.ts';
import { insertApp } from '../../../../../test/support/rows.ts';

let database: TestDatabase;
let api: ApiUnderTest;
beforeAll(async () => {
  database = await testDatabase();
  api = await apiUnderTest(database.url);
});
afterAll(async () => {
  await api.close();
  await database.drop();
});

test('a filter finds those of a campaign who got nothing, whose message failed, and who joined since', async () => {
  const appId = await insertApp(api.db.sql);
  const key = await api.key({ appId });
  const request = (method: string, path: string, body?: unknown) => api.request(method, path, body, { key });
  const people = ['sent', 'failed', 'dead', 'nobody_to_reach', 'held_out', 'new_ü', 'of_another_plan'];
  for (const id of people)
    await request('PUT', `/v1/recipients/${encodeURIComponent(id)}`, {
      attributes: { plan: id === 'of_another_plan' ? 'free' : 'pro' },
    });
  await request('PUT', '/v1/audiences/pro', { filter: { field: 'attributes.plan', op: 'eq', value: 'pro' } });
  const campaign = randomUUID();
  await api.db.sql`
    insert into campaigns (id, app_id, environment, name, definition, state, created_by)
    values (${campaign}, ${appId}, 'live', 'Spring sale', '{"audience": {"audience": "pro"}}', 'running', 'test')`;
  for (const [id, state] of [
    ['sent', 'cancelled'],
    ['failed', 'failed'],
    ['dead', 'dead'],
  ] as const) {
    const of = `carillon:campaign:${campaign}/${hash('sha256', id).slice(0, 32)}`;
    await api.db.sql`
      insert into notifications (id, app_id, environment, state, priority, channel, route, recipient_id, content,
        idempotency_key, request_hash, origin_id)
      values (${notificationId(appId, 'live', of)}, ${appId}, 'live', ${state}, 'bulk', 'email', '{email}', ${id}, '{}',
        ${of}, '\\x00', ${campaign})`;
  }
  await api.db.sql`
    insert into campaign_not_made (campaign_id, recipient_id, reason)
    values (${campaign}, 'nobody_to_reach', 'no_contact_point'), (${campaign}, 'held_out', 'holdout')`;
  const idsOf = async (is: string) => {
    const filter = encodeURIComponent(JSON.stringify({ campaign, is }));
    const { status, body } = await request('GET', `/v1/recipients?filter=${filter}`);
    return status === 200
      ? body.data.map((each: { recipient_id: string }) => each.recipient_id)
      : body.detail;
  };
  expect(await idsOf('not_made')).toEqual(['nobody_to_reach']);
  expect(await idsOf('failed')).toEqual(['dead', 'failed']);
  expect(await idsOf('joined_since')).toMatch(
    /, which is running; it can be used when the campaign has ended$/,
  );
  await api.db.sql`update campaigns set state = 'done' where id = ${campaign}`;
  expect(await idsOf('joined_since')).toEqual(['new_ü']);
  const both = {
    any: [
      { campaign, is: 'failed' },
      { campaign, is: 'joined_since' },
    ],
  };
  expect((await request('POST', '/v1/audiences/count', { filter: both })).body.count).toBe(3);
  const other = await api.key();
  const stranger = await api.request('POST', '/v1/audiences/count', { filter: both }, { key: other });
  expect(stranger.body.errors[0].message).toBe(
    `there is no campaign ${campaign} in this app and environment`,
  );
});
