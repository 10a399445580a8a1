import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { runningCampaigns, startDue } from '@carillon/db/campaigns/launch';
import { openDatabase } from '@carillon/db/connection/client';
import { openSetStatements } from '@carillon/db/connection/set-statements';
import { readCounts } from '@carillon/db/origins/read-counts';
import { stopOrigin } from '@carillon/db/origins/stops';
import { freezePage } from '@carillon/services/campaigns/freeze';
import { makeSlice, type TextsCache } from '@carillon/services/campaigns/slice';
import type { CarillonSystem } from '../system.ts';
import { endToEnd } from './end-to-end.ts';
import { BULK_MAIL, type Run } from './run.ts';

export interface CampaignCounts {
  /** Recipients of the campaign that is launched and made. */
  people: number;
  /** Messages of the campaign that is drained, and of the batch beside it. */
  drain: number;
  batch: number;
}

/**
 * A campaign beside what it is compared with: its launch and its slices beside an insert written by hand, its drain beside
 * the same number of messages in batches by the API; how long a cancel takes to be silent.
 */
export async function campaigns(run: Run, carillon: CarillonSystem, counts: CampaignCounts): Promise<void> {
  const { figures, say } = run;
  const template = await storeTemplate(carillon);
  await storePeople(carillon, counts.people);
  await carillon.stopWorkers();
  const db = openDatabase({ url: carillon.databaseUrl, name: 'bench' });
  const sets = openSetStatements({ url: carillon.databaseUrl, name: 'bench' });
  try {
    const id = await storeCampaign(carillon, template, counts.people);
    await startDue(db.sql, 10);
    const launchedAt = performance.now();
    while ((await freezePage(sets.sql, id)) === 'more');
    const frozenAt = performance.now();
    figures.add('campaign launch', 'carillon', perSecond(counts.people, launchedAt, frozenAt));
    const [work] = (await runningCampaigns(db.sql)).filter((campaign) => campaign.id === id);
    const slice = async (): Promise<void> => {
      const texts: TextsCache = new Map();
      while ((await makeSlice(db.sql, work!, texts)) !== 'none');
    };
    await Promise.all([slice(), slice()]);
    const madeAt = performance.now();
    const { whole } = (await readCounts(db.sql, [id])).get(id)!;
    if (whole.made !== counts.people)
      throw new Error(`of ${counts.people} recipients ${whole.made} were made`);
    figures.add('campaign slices', 'carillon', perSecond(counts.people, frozenAt, madeAt));
    const byHand = await insertByHand(carillon, id, counts.people);
    figures.add('campaign slices by hand', 'carillon', byHand);
    figures.add('campaign slices ratio', 'carillon', perSecond(counts.people, frozenAt, madeAt) / byHand);
    say(`carillon: a campaign to ${counts.people} was launched and made`);
    await stopOrigin(db.sql, id, 'cancelled');
    await carillon.sql`update campaigns set state = 'cancelled', ended_at = now() where id = ${id}`;
  } finally {
    await carillon.clear();
    await carillon.startWorkers();
  }
  try {
    const batch = await endToEnd(run, carillon, {
      name: 'campaign batch',
      message: BULK_MAIL,
      batch: counts.batch,
      connections: 4,
      count: counts.drain,
    });
    await carillon.clear();
    const rate = await drain(run, carillon, template, counts.drain);
    figures.add('campaign drain', 'carillon', rate);
    figures.add('campaign drain ratio', 'carillon', rate / batch.perSecond);
    await carillon.clear();
    figures.add('campaign cancel', 'carillon', await cancelToSilence(run, carillon, template, counts.drain));
  } finally {
    await Promise.all([db.close(), sets.close()]);
    await carillon.clear();
  }
}

const perSecond = (count: number, from: number, to: number): number => count / ((to - from) / 1000);

/** From the moment that the campaign is due to the last message at the provider. */
async function drain(
  { ground, say }: Run,
  carillon: CarillonSystem,
  template: string,
  count: number,
): Promise<number> {
  const mark = await ground.ledger.mark();
  await storeCampaign(carillon, template, count);
  const dueAt = Date.now();
  await ground.ledger.waitFor(mark, count, 30_000);
  const arrivals = await ground.ledger.arrivals(mark);
  const last = arrivals.reduce((latest, { atMs }) => Math.max(latest, atMs), 0);
  say(`carillon: ${arrivals.length} of ${count} messages of a campaign arrived`);
  return arrivals.length / ((last - dueAt) / 1000);
}

/** @returns milliseconds from the commit of a cancel to the last message that still arrived. */
async function cancelToSilence(
  { ground, say }: Run,
  carillon: CarillonSystem,
  template: string,
  count: number,
): Promise<number> {
  const mark = await ground.ledger.mark();
  const id = await storeCampaign(carillon, template, count);
  await ground.ledger.waitFor(mark, Math.ceil(count / 10), 30_000);
  await stopOrigin(carillon.sql, id, 'cancelled');
  await carillon.sql`update campaigns set state = 'cancelled', ended_at = now() where id = ${id}`;
  const cancelledAt = Date.now();
  for (
    let before = -1, now = 0;
    before !== now;
    [before, now] = [now, (await ground.ledger.arrivals(mark)).length]
  )
    await pause(1_500);
  const arrivals = await ground.ledger.arrivals(mark);
  say(`carillon: ${arrivals.length} of ${count} messages had arrived when a cancelled campaign was silent`);
  return Math.max(0, ...arrivals.map(({ atMs }) => atMs - cancelledAt));
}

/** The same rows as the slices, with their outbox rows, in one statement written for nothing else. */
async function insertByHand({ sql }: CarillonSystem, origin: string, count: number): Promise<number> {
  const startedAt = performance.now();
  await sql`
    with fresh as (
      insert into notifications (id, app_id, environment, state, priority, channel, route, recipient_id, template_id,
        template_version, locale, data, idempotency_key, request_hash, origin_id, origin_variant)
      select gen_random_uuid(), app_id, environment, 'pending', priority, channel, route, recipient_id, template_id,
        template_version, locale, data, idempotency_key, request_hash, origin_id, origin_variant
      from notifications where origin_id = ${origin} limit ${count}
      returning id
    ), numbered as (
      select id, (row_number() over () - 1) / 100 as part from fresh
    )
    insert into outbox (lane, ids) select 'email-bulk', array_agg(id) from numbered group by part`;
  return perSecond(count, startedAt, performance.now());
}

async function storeTemplate({ sql }: CarillonSystem): Promise<string> {
  const [row] = await sql<{ id: string }[]>`
    insert into templates (app_id, environment, key, published_version)
    select id, 'live', 'bench-campaign', 1 from apps order by created_at limit 1 returning id`;
  const content = { subject: 'Hello {{ name }}', text: `Hello {{ name }}. ${'A word for you. '.repeat(10)}` };
  await sql`
    insert into template_versions (template_id, version, channel, locale, content, required_variables, created_by)
    values (${row!.id}, 1, 'email', 'en', ${JSON.stringify(content)}::text::jsonb, '{name}', 'bench')`;
  return row!.id;
}

async function storePeople({ sql }: CarillonSystem, count: number): Promise<void> {
  await sql.unsafe(`
    with people as (
      insert into recipients (app_id, environment, id, locale, attributes)
      select a.id, 'live', 'bench' || lpad(n::text, 7, '0'), 'en', jsonb_build_object('name', 'N' || n, 'n', n)
      from generate_series(0, ${count - 1}) as n, (select id from apps order by created_at limit 1) a
      returning app_id, id
    )
    insert into contact_points (app_id, environment, recipient_id, kind, address)
    select app_id, 'live', id, 'email', id || '@example.com' from people`);
  await sql`analyze recipients, contact_points`;
}

/** Due now, to the first so many recipients. */
async function storeCampaign({ sql }: CarillonSystem, template: string, count: number): Promise<string> {
  const id = randomUUID();
  const definition = {
    route: ['email'],
    priority: 'bulk',
    audience: { filter: { field: 'attributes.n', op: 'lt', value: count } },
    data: {},
    variables: { name: 'attributes.name' },
    events: 'problems',
    variants: [],
    holdout_percent: 0,
  };
  const content = [{ variant: 0, key: 'all', template: 'bench-campaign', template_id: template, version: 1 }];
  await sql`
    insert into campaigns (id, app_id, environment, name, state, definition, content, starts_at, created_by)
    select ${id}, id, 'live', 'bench', 'scheduled', ${JSON.stringify(definition)}::text::jsonb,
      ${JSON.stringify(content)}::text::jsonb, now(), 'bench'
    from apps order by created_at limit 1`;
  return id;
}
