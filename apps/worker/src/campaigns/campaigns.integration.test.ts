import { campaignKey } from '@carillon/core/campaign/keys';
import { notificationId } from '@carillon/core/text/ids';
import { runningCampaigns } from '@carillon/db/campaigns/launch';
import { pruneAudiences, pruneCampaigns, pruneOrigins } from '@carillon/db/campaigns/prune-campaigns';
import { openDatabase } from '@carillon/db/connection/client';
import { openSetStatements, type SetStatements } from '@carillon/db/connection/set-statements';
import { liftStop, stopOrigin } from '@carillon/db/origins/stops';
import { eraseRecipient } from '@carillon/db/recipients/erase-recipient';
import { freezePage } from '@carillon/services/campaigns/freeze';
import { makeSlice, type TextsCache } from '@carillon/services/campaigns/slice';
import type { Sql } from 'postgres';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import {
  type CampaignGiven,
  checkedCounts,
  insertCampaign,
  insertPeople,
  insertTemplate,
} from '../../../../test/support/campaign-rows.ts';
import { type TestDatabase, testDatabase } from '../../../../test/support/database.ts';
import { insertApp } from '../../../../test/support/rows.ts';
import { guardTransitions } from '../../../../test/support/transition-guard.ts';
import { cancelled } from './cancelled.ts';
import { countAudit } from './count-audit.ts';
import { launch } from './launch.ts';
import { progress } from './progress.ts';
import { slices } from './slices.ts';

let database: TestDatabase;
let db: ReturnType<typeof openDatabase>;
let sets: SetStatements;
let sql: Sql;
let appId: string;
let template: string;
const stopping = new AbortController();

beforeAll(async () => {
  database = await testDatabase();
  db = openDatabase({ url: database.url, name: 'test' });
  sets = openSetStatements({ url: database.url, name: 'test' });
  sql = db.sql;
  await guardTransitions(sql);
});
afterAll(async () => {
  stopping.abort();
  await sets.close();
  await db.close();
  await database.drop();
});
beforeEach(async () => {
  await sql`update campaigns set state = 'cancelled' where state in ('scheduled', 'running', 'paused')`;
  appId = await insertApp(sql);
  template = await insertTemplate(sql, appId);
});

const launching = () => launch({ sql, sets: sets.sql, stopping: stopping.signal });
const slicing = () => slices({ sql, wake: () => {}, stopping: stopping.signal });
const campaign = (given: Partial<CampaignGiven> = {}) =>
  insertCampaign(sql, { appId, templateIds: [template], ...given });
const stateOf = async (id: string) =>
  (
    await sql<
      { state: string; reason: string | null }[]
    >`select state, reason from campaigns where id = ${id}`
  )[0]!;
/** As the workers would: every open notification of the campaign is sent. */
async function end(id: string, state = 'sent', limit = 1_000_000): Promise<void> {
  await sql`
    with ended as (
      update notifications set state = 'sending', lease_token = gen_random_uuid(), lease_until = now()
      where id in (select id from notifications where origin_id = ${id} and state = 'pending' order by id limit ${limit})
      returning id
    ) select count(*) from ended`;
  await sql`
    with ended as (
      update notifications set state = ${state}, lease_token = null, lease_until = null,
        provider = 'smtp' where origin_id = ${id} and state = 'sending'
      returning origin_variant
    )
    insert into count_changes (origin_id, variant, bucket, n)
    select ${id}, origin_variant, ${state}, count(*) from ended group by origin_variant`;
}
const notMade = (id: string) =>
  sql`select recipient_id, reason, detail from campaign_not_made where campaign_id = ${id} order by recipient_id`;

describe('a launch', () => {
  test('freezes the audience: who joins afterwards is not in it', async () => {
    await insertPeople(sql, { appId, count: 2_500 });
    const id = await campaign();
    await launching().runOnce();
    await insertPeople(sql, { appId, count: 5, prefix: 'late' });
    expect(await checkedCounts(sql, id)).toMatchObject({ planned: 2_500, remaining: 2_500, made: 0 });
    const chunks =
      await sql`select n, cardinality(recipient_ids) as size from campaign_chunks where campaign_id = ${id} order by n`;
    expect(chunks.map(({ size }) => size)).toEqual([1000, 1000, 500]);
    expect(await stateOf(id)).toMatchObject({ state: 'running' });
  });

  test('goes on after the page that was committed, and takes nobody twice', async () => {
    await insertPeople(sql, { appId, count: 45_000 });
    const id = await campaign();
    await sql`update campaigns set state = 'running', started_at = now() where id = ${id}`;
    expect(await freezePage(sets.sql, id)).toBe('more');
    // Another process dies in its page.
    await sets.sql
      .begin(async (tx) => {
        await tx`select pg_advisory_xact_lock(1)`;
        throw new Error('dies');
      })
      .catch(() => {});
    const results = await Promise.all([freezePage(sets.sql, id), freezePage(sets.sql, id)]);
    // One waits for nothing: it finds the campaign locked, or makes the page after.
    while (!results.includes('frozen')) results.push(await freezePage(sets.sql, id));
    expect(await freezePage(sets.sql, id)).toBe('busy');
    expect(await checkedCounts(sql, id)).toMatchObject({ planned: 45_000 });
    const [row] = await sql`
      select count(*)::int as ids, count(distinct r)::int as people from campaign_chunks, unnest(recipient_ids) r
      where campaign_id = ${id}`;
    expect(row).toEqual({ ids: 45_000, people: 45_000 });
  }, 60_000);

  test('of nobody fails, and says why', async () => {
    const id = await campaign();
    await launching().runOnce();
    expect(await stateOf(id)).toEqual({ state: 'failed', reason: 'nobody belongs to its audience' });
  });

  test('whose audience was deleted since fails, and says why', async () => {
    await insertPeople(sql, { appId, count: 1 });
    const id = await campaign({ audience: { audience: 'gone' } });
    await launching().runOnce();
    expect(await stateOf(id)).toMatchObject({ state: 'failed', reason: expect.stringContaining('"gone"') });
  });

  test('whose audience is lost after its first page sends nothing more of what that page made', async () => {
    await insertPeople(sql, { appId, count: 20_500 });
    const filter = { all: [] };
    await sql`
      insert into audiences (app_id, environment, key, name, kind, filter, uses, updated_by)
      values (${appId}, 'test', 'all', 'All', 'filter', ${sql.json(filter)}, '{}', 'key:k')`;
    const id = await campaign({ audience: { audience: 'all' } });
    await sql`update campaigns set state = 'running', started_at = now() where id = ${id}`;
    expect(await freezePage(sets.sql, id)).toBe('more');
    await slicing().runOnce();
    await sql`delete from audiences where app_id = ${appId}`;
    expect(await freezePage(sets.sql, id)).toBe('failed');
    expect(await stateOf(id)).toMatchObject({ state: 'failed' });
    await cancelled({ sql, stopping: stopping.signal }).runOnce();
    const counts = await checkedCounts(sql, id);
    expect(counts.made).toBeGreaterThan(0);
    expect(counts).toMatchObject({ open: 0, cancelled: counts.made });
  }, 60_000);

  test('accounts for listed ids that no recipient has', async () => {
    await insertPeople(sql, { appId, count: 2 });
    const id = await campaign({
      audience: { recipient_ids: ['nobody', 'p0000000', 'p0000001', 'p0000001'] },
    });
    await launching().runOnce();
    await slicing().runOnce();
    expect(await checkedCounts(sql, id)).toMatchObject({ planned: 3, made: 2, not_made: { unknown: 1 } });
    expect(await notMade(id)).toEqual([{ recipient_id: 'nobody', reason: 'unknown', detail: null }]);
  });

  test('plans each recipient for their own local time; a name that is no zone counts as that of the app', async () => {
    await sql`update apps set time_zone = 'Europe/Paris' where id = ${appId}`;
    const zones = `(array['Asia/Tokyo', 'America/New_York', null, 'Mars/Base'])[1 + n]`;
    await insertPeople(sql, { appId, count: 4, timeZone: zones });
    const schedule = { send_at: '2031-03-01T09:00:00', in_recipient_time_zone: true, late: 'now' } as const;
    const id = await campaign({ schedule, startsAt: new Date('2031-02-28T12:00:00Z') });
    await sql`update campaigns set state = 'running', started_at = '2031-02-28T12:00:00Z' where id = ${id}`;
    await freezePage(sets.sql, id);
    const rows = await sql<{ due_at: Date; recipient_ids: string[] }[]>`
      select due_at, recipient_ids from campaign_chunks where campaign_id = ${id} order by due_at`;
    expect(rows.map(({ due_at, recipient_ids }) => [due_at.toISOString(), recipient_ids])).toEqual([
      ['2031-03-01T00:00:00.000Z', ['p0000000']],
      ['2031-03-01T08:00:00.000Z', ['p0000002', 'p0000003']],
      ['2031-03-01T14:00:00.000Z', ['p0000001']],
    ]);
  });

  test.each([
    ['now', '2031-03-01T12:00:00.000Z', {}],
    ['next_day', '2031-03-02T00:00:00.000Z', {}],
    ['skip', undefined, { too_late: 1 }],
  ] as const)('with late: %s treats those whose moment has passed as asked', async (late, due, left) => {
    await insertPeople(sql, {
      appId,
      count: 2,
      timeZone: `(array['Asia/Tokyo', 'America/New_York'])[1 + n]`,
    });
    const schedule = { send_at: '2031-03-01T09:00:00', in_recipient_time_zone: true, late };
    const id = await campaign({ schedule, startsAt: new Date('2031-03-01T12:00:00Z') });
    await sql`update campaigns set state = 'running', started_at = '2031-03-01T12:00:00Z' where id = ${id}`;
    await freezePage(sets.sql, id);
    const [tokyo] = await sql<{ due_at: Date }[]>`
      select due_at from campaign_chunks where campaign_id = ${id} and 'p0000000' = any (recipient_ids)`;
    expect(tokyo?.due_at.toISOString()).toBe(due);
    expect(await checkedCounts(sql, id)).toMatchObject({ planned: 2, not_made: left });
  });
});

describe('slices', () => {
  test('make one notification for each recipient, under the id of its key, with an outbox row', async () => {
    await insertPeople(sql, { appId, count: 1_200 });
    const id = await campaign({
      variables: { name: 'attributes.name' },
      category: 'news',
      data: { shop: 'S' },
    });
    await launching().runOnce();
    await slicing().runOnce();
    expect(await checkedCounts(sql, id)).toMatchObject({
      planned: 1_200,
      made: 1_200,
      remaining: 0,
      open: 1_200,
    });
    const [row] = await sql`
      select id, idempotency_key, data, category, locale, channel, state, origin_variant, request_hash = sha256(convert_to(idempotency_key, 'UTF8')) as hashed
      from notifications where origin_id = ${id} and recipient_id = 'p0000007'`;
    const key = campaignKey(id, 'p0000007');
    expect(row).toEqual({
      ...{
        id: notificationId(appId, 'test', key),
        idempotency_key: key,
        data: { name: 'N7' },
        category: 'news',
      },
      ...{ locale: 'en', channel: 'email', state: 'pending', origin_variant: 0, hashed: true },
    });
    const [announced] = await sql`
      select count(distinct i)::int as ids, max(cardinality(ids))::int as most from outbox, unnest(ids) i
      where i in (select id from notifications where origin_id = ${id})`;
    expect(announced).toEqual({ ids: 1_200, most: 100 });
  });

  test('leave out what cannot be made, each recipient with its reason', async () => {
    const needy = await insertTemplate(sql, appId, { key: 'needy', required: ['name', 'order.id'] });
    await insertPeople(sql, {
      appId,
      count: 4,
      attributes: `case when n = 0 then '{}' else jsonb_build_object('name', 'N', 'order', 7) end`,
      reachable: 'n <> 2',
    });
    const id = await campaign({
      templateIds: [needy],
      variables: { name: 'attributes.name', 'order.note': 'attributes.name' },
      data: { order: { id: 1 } },
    });
    await launching().runOnce();
    await eraseRecipient(sql, { appId, environment: 'test' }, 'p0000003', {
      suppress: false,
      actor: 'key:k',
    });
    await slicing().runOnce();
    expect(await checkedCounts(sql, id)).toMatchObject({
      planned: 4,
      made: 1,
      not_made: { missing_variable: 1, no_contact_point: 1, unknown: 1 },
    });
    expect(await notMade(id)).toEqual([
      { recipient_id: 'p0000000', reason: 'missing_variable', detail: 'name' },
      { recipient_id: 'p0000002', reason: 'no_contact_point', detail: null },
    ]);
  });

  test('made by several processes at once, and again after a crash, make nobody twice', async () => {
    await insertPeople(sql, { appId, count: 6_000 });
    const id = await campaign();
    await launching().runOnce();
    const [work] = await runningCampaigns(sql);
    const texts: TextsCache = new Map();
    await Promise.all(Array.from({ length: 4 }, () => makeSlice(sql, work!, texts, 700)));
    // The notifications of a chunk are there, and what says so was lost.
    await sql`update campaign_chunks set made_upto = 0, state = 'open' where campaign_id = ${id} and n = 1`;
    await Promise.all([slicing().runOnce(), slicing().runOnce(), slicing().runOnce()]);
    // Without the window, which the runners may have filled.
    while ((await makeSlice(sql, work!, texts, 700)) !== 'none');
    const [made] =
      await sql`select count(*)::int as n, count(distinct recipient_id)::int as people from notifications where origin_id = ${id}`;
    expect(made).toEqual({ n: 6_000, people: 6_000 });
    const [doubled] =
      await sql`select sum(n)::int as n from count_changes where origin_id = ${id} and bucket = 'not_made:already_made'`;
    expect(doubled!.n).toBeGreaterThan(0);
  }, 60_000);

  test('are made only while the window has room, and go on as messages end', async () => {
    await insertPeople(sql, { appId, count: 6_500 });
    const id = await campaign();
    await launching().runOnce();
    const runner = slicing();
    while ((await runner.runOnce()) > 0);
    expect(await checkedCounts(sql, id)).toMatchObject({ made: 4_000, remaining: 2_500 });
    // The counts that the runner knows are half a second old. What it makes late, when its window has become smaller, has
    // to end as well.
    await expect
      .poll(
        async () => {
          await end(id);
          await runner.runOnce();
          return (await checkedCounts(sql, id)).remaining;
        },
        { timeout: 20_000 },
      )
      .toBe(0);
  }, 60_000);

  test('of a paused campaign are not made; they go on when it is resumed', async () => {
    await insertPeople(sql, { appId, count: 10 });
    const id = await campaign();
    await launching().runOnce();
    await stopOrigin(sql, id, 'paused');
    await sql`update campaigns set state = 'paused' where id = ${id}`;
    expect(await slicing().runOnce()).toBe(0);
    await liftStop(sql, id);
    await sql`update campaigns set state = 'running' where id = ${id}`;
    expect(await slicing().runOnce()).toBe(10);
    expect(await checkedCounts(sql, id)).toMatchObject({ made: 10 });
  });

  test('of a throttled campaign wait for neither a freeze nor another process', async () => {
    await insertPeople(sql, { appId, count: 10 });
    const id = await campaign({ throttlePerMinute: 1_200 });
    await launching().runOnce();
    await sql.begin(async (tx) => {
      await tx`select from campaigns where id = ${id} for no key update`;
      expect(await slicing().runOnce()).toBe(0);
    });
    expect(await slicing().runOnce()).toBe(10);
  });

  test('of a throttled campaign are as large as its tokens allow', async () => {
    await insertPeople(sql, { appId, count: 500 });
    const id = await campaign({ throttlePerMinute: 1_200 });
    await launching().runOnce();
    const runner = slicing();
    while ((await runner.runOnce()) > 0);
    expect(await checkedCounts(sql, id)).toMatchObject({ made: 100 });
    await sql`update campaigns set tokens_at = tokens_at - interval '5 seconds' where id = ${id}`;
    while ((await runner.runOnce()) > 0);
    expect(await checkedCounts(sql, id)).toMatchObject({ made: 200 });
    await sql`update campaigns set throttle_per_minute = null where id = ${id}`;
    while ((await runner.runOnce()) > 0);
    expect(await checkedCounts(sql, id)).toMatchObject({ made: 500 });
  });

  test('divide recipients between variants and a holdout, and count each', async () => {
    const other = await insertTemplate(sql, appId, { key: 'other' });
    await insertPeople(sql, { appId, count: 2_000 });
    const id = await campaign({
      templateIds: [template, other],
      variants: [
        { key: 'a', template: 'news', weight: 1 },
        { key: 'b', template: 'other', weight: 1 },
      ],
      holdout_percent: 20,
    });
    await launching().runOnce();
    await slicing().runOnce();
    const counts = await checkedCounts(sql, id);
    expect(counts.not_made.holdout! / 2_000).toBeCloseTo(0.2, 1);
    const rows = await sql<{ template_id: string; variant: number; n: number }[]>`
      select template_id, origin_variant as variant, count(*)::int as n from notifications where origin_id = ${id}
      group by 1, 2 order by 2`;
    expect(rows.map((row) => [row.template_id, row.variant])).toEqual([
      [template, 1],
      [other, 2],
    ]);
    expect(rows[0]!.n / counts.made).toBeCloseTo(0.5, 1);
  });

  test('end a notification that PostgreSQL refuses as failed, and make the others', async () => {
    await sql.unsafe(`
      create function refuse_one() returns trigger language plpgsql as $$
      begin
        if new.data ->> 'name' = 'N5' then raise exception using errcode = '22P05', message = 'refused'; end if;
        return new;
      end $$;
      create trigger refuse_one before insert on notifications for each row execute function refuse_one();`);
    await insertPeople(sql, { appId, count: 12 });
    const id = await campaign({ variables: { name: 'attributes.name' } });
    await launching().runOnce();
    while ((await slicing().runOnce()) > 0);
    await sql.unsafe('drop trigger refuse_one on notifications');
    expect(await checkedCounts(sql, id)).toMatchObject({ made: 12, failed: 1, open: 11 });
    const [row] =
      await sql`select state, error_code from notifications where origin_id = ${id} and recipient_id = 'p0000005'`;
    expect(row).toEqual({ state: 'failed', error_code: 'unstorable' });
  });
});

describe('the audit of counts', () => {
  test('corrects and reports what a process without origins ended, and finds nothing otherwise', async () => {
    await insertPeople(sql, { appId, count: 20 });
    const id = await campaign();
    await launching().runOnce();
    await slicing().runOnce();
    await end(id, 'sent', 5);
    const found: unknown[] = [];
    let now = 0;
    const audit = countAudit({
      sets: sets.sql,
      stopping: stopping.signal,
      onFound: (campaignId, differences) => campaignId === id && found.push(differences),
      now: () => now,
    });
    await audit.runOnce();
    expect(found).toEqual([]);
    await sql`
      update notifications set state = 'expired'
      where id in (select id from notifications where origin_id = ${id} and state = 'pending' limit 3)`;
    await audit.runOnce();
    expect(found).toEqual([]);
    now += 11 * 60_000;
    await audit.runOnce();
    expect(found).toEqual([[{ variant: 0, bucket: 'expired', counted: 0, actual: 3 }]]);
    expect(await checkedCounts(sql, id)).toMatchObject({ made: 20, sent: 5, expired: 3, open: 12 });
  });
});

describe('retention', () => {
  test('removes frozen audiences after their time, origins with their last notification, counts in the end', async () => {
    await insertPeople(sql, { appId, count: 3, reachable: 'n > 0' });
    const id = await campaign();
    await launching().runOnce();
    await slicing().runOnce();
    await end(id);
    await stopOrigin(sql, id, 'cancelled');
    const later = new Date(Date.now() + 60_000);
    await sql`update campaigns set state = 'done', ended_at = now() where id = ${id}`;
    expect(await pruneAudiences(sql, new Date(Date.now() - 60_000), 10)).toBe(0);
    while ((await pruneAudiences(sql, later, 1)) > 0);
    expect(await sql`select from campaign_chunks where campaign_id = ${id}`).toHaveLength(0);
    expect(await notMade(id)).toHaveLength(0);
    await pruneOrigins(sql, later, 100);
    expect(await sql`select from origins where id = ${id}`).toHaveLength(1);
    await sql`delete from notifications where origin_id = ${id}`;
    await pruneOrigins(sql, later, 100);
    expect(
      await sql`select from origins where id = ${id} union all select from stops where origin_id = ${id}`,
    ).toHaveLength(0);
    await pruneCampaigns(sql, later, 100);
    expect(
      await sql`select from campaigns where id = ${id} union all select from counts where origin_id = ${id}`,
    ).toHaveLength(0);
  });
});

describe('progress', () => {
  test('ends a campaign once, when nothing of it is left, and announces it', async () => {
    await sql`
      insert into webhook_endpoints (app_id, environment, url, secret) values (${appId}, 'test', 'http://127.0.0.1:9/', ${Buffer.alloc(32)})`.catch(
      async () => sql`select 1`,
    );
    await insertPeople(sql, { appId, count: 30 });
    const id = await campaign();
    await launching().runOnce();
    await slicing().runOnce();
    expect(await progress({ sql }).runOnce()).toBe(0);
    await end(id);
    const moved = await Promise.all([progress({ sql }).runOnce(), progress({ sql }).runOnce()]);
    expect(moved.reduce((sum, n) => sum + n, 0)).toBe(1);
    expect(await stateOf(id)).toMatchObject({ state: 'done' });
    expect(await progress({ sql }).runOnce()).toBe(0);
  });

  test('pauses a campaign of whose first messages one in twenty failed', async () => {
    await insertPeople(sql, { appId, count: 1_000 });
    const id = await campaign();
    await launching().runOnce();
    await slicing().runOnce();
    await end(id, 'failed', 49);
    await end(id, 'sent', 500);
    expect(await progress({ sql }).runOnce()).toBe(0);
    await end(id, 'failed', 1);
    expect(await progress({ sql }).runOnce()).toBe(1);
    expect(await stateOf(id)).toMatchObject({ state: 'paused', reason: expect.stringContaining('50') });
    expect(await sql`select mode from stops where origin_id = ${id}`).toEqual([{ mode: 'paused' }]);
  });

  test('pauses no campaign a second time: a person who resumes it has looked at it', async () => {
    await insertPeople(sql, { appId, count: 200 });
    const id = await campaign();
    await launching().runOnce();
    await slicing().runOnce();
    await end(id, 'failed', 20);
    expect(await progress({ sql }).runOnce()).toBe(1);
    await liftStop(sql, id);
    await sql`update campaigns set state = 'running' where id = ${id}`;
    expect(await progress({ sql }).runOnce()).toBe(0);
    await end(id);
    expect(await progress({ sql }).runOnce()).toBe(1);
    expect(await stateOf(id)).toMatchObject({ state: 'done' });
  });
});
