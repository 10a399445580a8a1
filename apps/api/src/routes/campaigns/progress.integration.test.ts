import { campaignKey } from '@carillon/core/campaign/keys';
import { notificationId } from '@carillon/core/text/ids';
import { storeOrigin } from '@carillon/db/origins/origins';
import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type ApiUnderTest, apiUnderTest } from '../../../../../test/support/api.ts';
import { insertCampaign, insertPeople, insertTemplate } from '../../../../../test/support/campaign-rows.ts';
import { type TestDatabase, testDatabase } from '../../../../../test/support/database.ts';
import { insertApp } from '../../../../../test/support/rows.ts';

let database: TestDatabase;
let api: ApiUnderTest;
let key: string;
let appId: string;
let templateId: string;

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
  templateId = await insertTemplate(api.db.sql, appId, { required: ['name'], text: 'Hello {{ name }}' });
  await insertPeople(api.db.sql, { appId, count: 8 });
});

const request = (method: string, path: string, body?: unknown, headers: Record<string, string> = {}) =>
  api.request(method, path, body, { key, headers });
const person = (n: number) => `p${String(n).padStart(7, '0')}`;

/** A campaign to eight people: three in a chunk that is not made, two left out, and three with these states. */
async function running(states: readonly string[] = ['sent', 'failed', 'queued']): Promise<string> {
  const { sql } = api.db;
  const id = await insertCampaign(sql, { appId, templateIds: [templateId] });
  await storeOrigin(sql, { id, appId, environment: 'test', category: null, data: {}, events: 'problems' });
  await sql`update campaigns set state = 'running', started_at = now(), frozen_at = now() where id = ${id}`;
  await sql`
    insert into campaign_chunks (campaign_id, n, due_at, recipient_ids, made_upto)
    values (${id}, 1, now(), ${[person(0), person(1), person(2), person(3)]}, 2), (${id}, 2, now(), ${[person(4)]}, 0)`;
  await sql`
    insert into campaign_not_made (campaign_id, recipient_id, reason, detail)
    values (${id}, ${person(5)}, 'missing_variable', 'name'), (${id}, ${person(6)}, 'no_contact_point', null)`;
  for (const [n, state] of states.entries()) {
    const ownKey = campaignKey(id, person(n + 10));
    await sql`
      insert into notifications (id, app_id, environment, state, priority, channel, route, recipient_id, template_id,
        template_version, idempotency_key, request_hash, origin_id, origin_variant, error_code, provider)
      values (${notificationId(appId, 'test', ownKey)}, ${appId}, 'test', ${state}, 'bulk', 'email', '{email}',
        ${person(n + 10)}, ${templateId}, 1, ${ownKey}, '\\x00', ${id}, 0, ${state === 'failed' ? 'E1' : null},
        'mails')`;
  }
  const buckets = ['made', ...states.filter((state) => state !== 'queued' && state !== 'retrying')];
  await sql`
    insert into count_changes (origin_id, variant, bucket, n)
    values (${id}, 0, 'planned', ${states.length + 5}), (${id}, 0, 'not_made:missing_variable', 1),
      (${id}, 0, 'not_made:no_contact_point', 1)`;
  for (const bucket of buckets)
    await sql`
      insert into count_changes (origin_id, variant, bucket, n)
      values (${id}, 0, ${bucket}, ${bucket === 'made' ? states.length : 1})`;
  return id;
}

async function behind(id: string, query: string, limit = 2): Promise<{ recipient_id: string }[]> {
  const found = [];
  for (let cursor: string | null = ''; cursor !== null; ) {
    const at: string = cursor === '' ? '' : `&cursor=${cursor}`;
    const { body } = await request('GET', `/v1/campaigns/${id}/recipients?limit=${limit}${query}${at}`);
    found.push(...body.data);
    cursor = body.next_cursor;
  }
  return found;
}

test('each figure leads to exactly its people, over any number of pages', async () => {
  const id = await running();
  const { body } = await request('GET', `/v1/campaigns/${id}`);
  expect(body.counts).toMatchObject({
    planned: 8,
    remaining: 3,
    made: 3,
    not_made: { missing_variable: 1, no_contact_point: 1 },
    open: 1,
    in_progress: 1,
    sent: 1,
    failed: 1,
  });
  for (const [figure, count] of Object.entries(body.counts)) {
    if (figure === 'not_made') continue;
    expect(await behind(id, `&state=${figure}`), figure).toHaveLength(count as number);
  }
  expect(new Set((await behind(id, '')).map((each) => each.recipient_id)).size).toBe(8);
  expect(await behind(id, '&state=remaining')).toMatchObject([
    { recipient_id: person(2), state: 'remaining', notification_id: null },
    { recipient_id: person(3) },
    { recipient_id: person(4) },
  ]);
  expect(await behind(id, '&state=not_made&reason=missing_variable')).toMatchObject([
    { recipient_id: person(5), state: 'not_made', reason: 'missing_variable', detail: 'name' },
  ]);
  expect(await behind(id, '&state=failed')).toMatchObject([
    { recipient_id: person(11), state: 'failed', error_code: 'E1', notification_id: expect.any(String) },
  ]);
  const wrong = await request('GET', `/v1/campaigns/${id}/recipients?state=sent&reason=unknown`);
  expect(wrong).toMatchObject({ status: 422, body: { errors: [{ path: 'reason' }] } });
});

test('the counts of the view add up, whatever became of its people', async () => {
  const state = fc.constantFrom('sent', 'delivered', 'failed', 'dead', 'cancelled', 'expired', 'queued');
  await fc.assert(
    fc.asyncProperty(fc.uniqueArray(state, { maxLength: 7 }), async (states) => {
      const id = await running(states);
      const { counts } = (await request('GET', `/v1/campaigns/${id}`)).body;
      const left = Object.values(counts.not_made as Record<string, number>).reduce((sum, n) => sum + n, 0);
      const { sent, delivered, failed, dead, suppressed, skipped, cancelled, expired } = counts;
      const final = sent + delivered + failed + dead + suppressed + skipped + cancelled + expired;
      expect(counts.planned).toBe(counts.remaining + counts.made + left);
      expect(counts.made).toBe(counts.open + final);
      expect(counts.open).toBe(counts.in_progress + counts.scheduled + counts.retrying + counts.in_doubt);
    }),
    { numRuns: 15 },
  );
}, 60_000);

test('its notifications are found by campaign_id, and show it', async () => {
  const id = await running();
  await running();
  const { body } = await request('GET', `/v1/notifications?campaign_id=${id}`);
  expect(body.data).toHaveLength(3);
  expect(body.data[0].campaign_id).toBe(id);
  const failed = await request('GET', `/v1/notifications?campaign_id=${id}&status=failed`);
  expect(failed.body.data).toMatchObject([{ status: 'failed', campaign_id: id }]);
});

describe('the stream', () => {
  const open = async (id: string) => {
    const response = await api.app.request(`/v1/campaigns/${id}/stream`, {
      headers: { authorization: `Bearer ${key}` },
    });
    expect(response.headers.get('content-type')).toContain('text/event-stream');
    return response.body!.getReader();
  };
  const readUntil = async (
    reader: ReadableStreamDefaultReader<Uint8Array>,
    wanted: RegExp,
  ): Promise<string> => {
    let text = '';
    const decoder = new TextDecoder();
    while (!wanted.test(text)) {
      const { done, value } = await reader.read();
      if (done) throw new Error(`the stream ended with ${text}`);
      text += decoder.decode(value);
    }
    return text;
  };

  test('sends the campaign at once and when it changes, and ends when it is over', async () => {
    const id = await running();
    const [one, other] = [await open(id), await open(id)];
    expect(await readUntil(one, /event: campaign\ndata: .*\n\n/)).toContain('"planned":8');
    await readUntil(other, /"state":"running"/);
    await api.db.sql`update campaigns set state = 'done', ended_at = now() where id = ${id}`;
    for (const reader of [one, other]) {
      const text = await readUntil(reader, /event: closed/);
      expect(text).toContain('"state":"done"');
      expect(text).toContain('{"reason":"ended"}');
      expect((await reader.read()).done).toBe(true);
    }
  });

  test('of a campaign that does not exist is 404', async () => {
    const answer = await request('GET', '/v1/campaigns/0b6a8f9e-91cb-4f5e-8d57-4f0f2b7f7a11/stream');
    expect(answer.status).toBe(404);
  });
});

test('the people behind a figure are downloaded as CSV, with nothing that a spreadsheet would run', async () => {
  const { sql } = api.db;
  const id = await running();
  await sql`
    update campaign_not_made set recipient_id = '=cmd|''/C calc''!A0', detail = '@sum(a1)' where recipient_id = ${person(5)}`;
  const csv = async (query = '') => {
    const answer = await api.app.request(`/v1/campaigns/${id}/recipients?format=csv${query}`, {
      headers: { authorization: `Bearer ${key}` },
    });
    return { answer, lines: (await answer.text()).split('\r\n').slice(0, -1) };
  };
  const { answer, lines } = await csv();
  expect(answer.status).toBe(200);
  expect(answer.headers.get('content-type')).toBe('text/csv; charset=utf-8');
  expect(answer.headers.get('content-disposition')).toContain('campaign-recipients.csv');
  expect(answer.headers.get('next-cursor')).toBeNull();
  expect(lines[0]).toBe(
    'recipient_id,state,reason,detail,notification_id,channel,variant,error_code,updated_at',
  );
  expect(lines).toHaveLength(9);
  expect(lines).toContain(`'=cmd|'/C calc'!A0,not_made,missing_variable,'@sum(a1),,,,,`);
  expect((await csv('&state=failed')).lines.slice(1)).toEqual([
    expect.stringMatching(new RegExp(`^${person(11)},failed,,,[0-9a-f-]{36},email,,E1,20`)),
  ]);
  // It begins where a page ends, whatever list that is of.
  const { body } = await request('GET', `/v1/campaigns/${id}/recipients?limit=4`);
  expect((await csv(`&cursor=${body.next_cursor}`)).lines.slice(1)).toEqual(lines.slice(5));
  expect((await csv('&state=sent&reason=unknown')).answer.status).toBe(422);
});

test('a test is sent as its recipients would get it, marked, and counts nowhere', async () => {
  await request('PUT', '/v1/categories/offers', { delivery_policy: 'resolve', unsubscribable: true });
  const { body } = await request('POST', '/v1/campaigns', {
    name: 'Personal',
    template: 'news',
    channel: 'email',
    category: 'offers',
    variables: { name: 'attributes.name' },
  });
  const { id } = body;
  const sent = await request('POST', `/v1/campaigns/${id}/test`, {
    recipients: [{ recipient_id: person(3) }, { email: 'me@example.test' }],
  });
  expect(sent).toMatchObject({
    status: 207,
    body: { results: [{ status: 202 }, { status: 422, error: { code: 'missing_variables' } }] },
  });
  const [row] = await api.db.sql`
    select content, category, origin_id from notifications where id = ${sent.body.results[0].id}`;
  expect(row).toMatchObject({ content: { subject: '[TEST] News', text: 'Hello N3' }, origin_id: null });
  const again = await request('POST', `/v1/campaigns/${id}/test`, {
    recipients: [{ email: 'me@example.test' }],
    data: { name: 'Me' },
  });
  expect(again.body.results).toMatchObject([{ status: 202 }]);
  expect((await request('GET', `/v1/campaigns/${id}`)).body.counts).toMatchObject({ planned: 0, made: 0 });
});

test('a pause by request is announced to endpoints, with the counts and the reason', async () => {
  await api.db.sql`
    insert into webhook_endpoints (app_id, environment, url, secret, data_key, key_id)
    values (${appId}, 'test', 'https://customer.test/hooks', '\\x00', '\\x00', 'k')`;
  const id = await running();
  await request('POST', `/v1/campaigns/${id}/pause`, { reason: 'a wrong link' });
  const [event] = await api.db
    .sql`select type, data from events where app_id = ${appId} and type like 'campaign.%'`;
  expect(event).toMatchObject({
    type: 'campaign.paused',
    data: { id, campaign_id: id, state: 'paused', reason: 'a wrong link', counts: { planned: 8 } },
  });
});
