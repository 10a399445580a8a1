import { randomUUID } from 'node:crypto';
import type { CampaignDefinition, CampaignSchedule } from '@carillon/core/campaign/campaign';
import type { CampaignCounts } from '@carillon/core/campaign/counts';
import type { Environment } from '@carillon/core/notification/environment';
import { readCounts } from '@carillon/db/origins/read-counts';
import type { Sql } from 'postgres';
import { expect } from 'vitest';

/** Campaigns and their people, for tests that begin behind the API. */
export interface PeopleGiven {
  appId: string;
  environment?: Environment;
  count: number;
  /** The ids are `<prefix>0000`, `<prefix>0001` and so on. */
  prefix?: string;
  /** SQL over the number `n` of the person. */
  timeZone?: string;
  attributes?: string;
  /** Whether the person has an e-mail address. */
  reachable?: string;
  address?: string;
}

/** Recipients stored by one statement: none takes longer than a statement may, however slow the machine is. */
const AT_ONCE = 5_000;

/** Stores recipients with an e-mail address each, thousands at a time, so that a million take seconds. */
export async function insertPeople(
  sql: Sql,
  {
    appId,
    environment = 'test',
    count,
    prefix = 'p',
    timeZone = 'null',
    attributes = `jsonb_build_object('name', 'N' || n)`,
    reachable = 'true',
    address = `'${prefix}' || n || '@example.test'`,
  }: PeopleGiven,
): Promise<void> {
  for (let from = 0; from < count; from += AT_ONCE) {
    const numbers = `generate_series(${from}, ${Math.min(from + AT_ONCE, count) - 1})`;
    await sql.unsafe(`
      with people as (
        insert into recipients (app_id, environment, id, locale, time_zone, attributes)
        select '${appId}', '${environment}', '${prefix}' || lpad(n::text, 7, '0'), 'en', ${timeZone}, ${attributes}
        from ${numbers} as n
      )
      insert into contact_points (app_id, environment, recipient_id, kind, address)
      select '${appId}', '${environment}', '${prefix}' || lpad(n::text, 7, '0'), 'email', ${address}
      from ${numbers} as n where ${reachable}`);
  }
}

/** Stores a published e-mail template in English. @returns its id. */
export async function insertTemplate(
  sql: Sql,
  appId: string,
  { environment = 'test' as Environment, key = 'news', required = [] as string[], text = 'Hello' } = {},
): Promise<string> {
  const [row] = await sql<{ id: string }[]>`
    insert into templates (app_id, environment, key, published_version) values (${appId}, ${environment}, ${key}, 1) returning id`;
  await sql`
    insert into template_versions (template_id, version, channel, locale, content, required_variables, created_by)
    values (${row!.id}, 1, 'email', 'en', ${sql.json({ subject: 'News', text })}, ${required}, 'test')`;
  return row!.id;
}

export interface CampaignGiven extends Partial<CampaignDefinition> {
  appId: string;
  environment?: Environment;
  templateIds: readonly string[];
  schedule?: CampaignSchedule;
  startsAt?: Date;
  throttlePerMinute?: number;
}

/** Stores a scheduled campaign whose time has come, to everybody unless `audience` says otherwise. @returns its id. */
export async function insertCampaign(sql: Sql, given: CampaignGiven): Promise<string> {
  const { appId, environment = 'test', templateIds, schedule, startsAt, throttlePerMinute, ...own } = given;
  const id = randomUUID();
  const definition: CampaignDefinition = {
    route: ['email'],
    priority: 'bulk',
    audience: { filter: { all: [] } },
    data: {},
    variables: {},
    events: 'problems',
    variants: [],
    holdout_percent: 0,
    ...own,
  };
  const content = templateIds.map((template_id, place) => ({
    variant: definition.variants.length === 0 ? 0 : place + 1,
    key: 'news',
    template: 'news',
    template_id,
    version: 1,
  }));
  await sql`
    insert into campaigns (id, app_id, environment, name, state, definition, schedule, content, starts_at,
      throttle_per_minute, created_by)
    values (${id}, ${appId}, ${environment}, 'A campaign', 'scheduled', ${JSON.stringify(definition)}::text::jsonb,
      ${schedule ? JSON.stringify(schedule) : null}::text::jsonb, ${JSON.stringify(content)}::text::jsonb,
      ${startsAt ?? new Date()}, ${throttlePerMinute ?? null}, 'key:test')`;
  return id;
}

/** The counts of a campaign, after checking that they add up (invariant 16) and agree with the rows. */
export async function checkedCounts(sql: Sql, id: string): Promise<CampaignCounts> {
  const { whole } = (await readCounts(sql, [id])).get(id)!;
  const left = Object.values(whole.not_made).reduce((sum, n) => sum + n, 0);
  expect(whole.planned, 'planned').toBe(whole.remaining + whole.made + left);
  const { sent, delivered, failed, dead, suppressed, skipped, cancelled, expired } = whole;
  const final = sent + delivered + failed + dead + suppressed + skipped + cancelled + expired;
  expect(whole.made, 'made').toBe(whole.open + final);
  expect(whole.open, 'open').toBe(whole.in_progress + whole.scheduled + whole.retrying + whole.in_doubt);
  const [rows] = await sql<[{ made: number; people: number }]>`
    select count(*)::int as made, count(distinct recipient_id)::int as people from notifications where origin_id = ${id}`;
  expect(rows, 'notifications, one for each recipient').toEqual({ made: whole.made, people: whole.made });
  return whole;
}
