import { fork } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { getCampaign } from '@carillon/db/campaigns/campaigns';
import { startDue } from '@carillon/db/campaigns/launch';
import { openDatabase } from '@carillon/db/connection/client';
import { openSetStatements } from '@carillon/db/connection/set-statements';
import { readCounts } from '@carillon/db/origins/read-counts';
import { countSubject, reviewSubject } from '@carillon/services/campaigns/count-review';
import { freezePage } from '@carillon/services/campaigns/freeze';
import { startCpuMeter } from '../measure/cpu.ts';
import type { CarillonSystem } from '../system.ts';
import { campaignCounters } from './campaign-counters.ts';
import { endCampaign, removeRows, storeCampaign, storePeople, storeTemplate } from './campaign-rows.ts';
import type { Run } from './run.ts';

const RUNNERS = 2;
const RUNNER = path.join(import.meta.dirname, '../load/slice-runner.ts');
const REVIEW_MS = 55_000;

/**
 * What a campaign costs PostgreSQL, with the workers stopped: its review, launch and slices beside statements written by
 * hand, and its counts.
 *
 * @param people recipients of the campaign.
 * @param groups of the comparison of statements with and without an origin.
 */
export async function campaignStatements(
  run: Run,
  carillon: CarillonSystem,
  { people, groups }: { people: number; groups: number },
): Promise<void> {
  const template = await storeTemplate(carillon);
  await storePeople(carillon, people);
  await carillon.stopWorkers();
  try {
    await make(run, carillon, template, people);
    await carillon.clear();
    await campaignCounters(run, carillon, groups);
  } finally {
    await removeRows(carillon);
    await carillon.clear();
    await carillon.startWorkers();
  }
}

async function make(run: Run, carillon: CarillonSystem, template: string, people: number): Promise<void> {
  const { figures, say } = run;
  const db = openDatabase({ url: carillon.databaseUrl, name: 'bench' });
  const sets = openSetStatements({ url: carillon.databaseUrl, name: 'bench' });
  try {
    const id = await storeCampaign(carillon, template, people);
    figures.add('campaign review', 'carillon', await review(db.sql, sets.sql, id));
    figures.add('campaign review', 'control', await reviewByHand(carillon, people));
    await startDue(db.sql, 10);
    const server = { postgres: run.ground.pids.postgres };
    const cpuOf = async (
      figure: string,
      who: 'carillon' | 'control',
      processes: Record<string, number>,
      act: () => Promise<number>,
    ): Promise<void> => {
      const used = startCpuMeter({ ...server, ...processes });
      figures.add(figure, who, await act());
      const us = used();
      if (us)
        figures.add(`${figure} cpu`, who, Object.values(us).reduce((sum, each) => sum + each, 0) / people);
    };
    await cpuOf('campaign launch', 'carillon', { bench: process.pid }, async () => {
      const launchedAt = performance.now();
      while ((await freezePage(sets.sql, id)) === 'more');
      return perSecond(people, launchedAt);
    });
    await cpuOf('campaign launch', 'control', {}, () => freezeByHand(carillon, people));
    // The processes that make slices are children of this one.
    await cpuOf('campaign slices', 'carillon', { bench: process.pid }, () =>
      slices(carillon.databaseUrl, id, people),
    );
    const { whole } = (await readCounts(db.sql, [id])).get(id)!;
    if (whole.made !== people) throw new Error(`of ${people} recipients ${whole.made} were made`);
    await cpuOf('campaign slices', 'control', {}, () => insertByHand(carillon, id, people));
    say(`carillon: a campaign to ${people} was reviewed, launched and made`);
    await endCampaign(carillon, id);
  } finally {
    await Promise.all([db.close(), sets.close()]);
  }
}

const perSecond = (count: number, fromMs: number): number => count / ((performance.now() - fromMs) / 1000);

/** @returns milliseconds of the count of a review. */
async function review(sql: Sql, sets: Sql, id: string): Promise<number> {
  const [of] = await sql<{ appId: string }[]>`select app_id as "appId" from campaigns where id = ${id}`;
  const campaign = await getCampaign(sql, { appId: of!.appId, environment: 'live' }, id);
  const startedAt = performance.now();
  await countSubject(sets, await reviewSubject(sql, campaign!), REVIEW_MS);
  return performance.now() - startedAt;
}

type Sql = ReturnType<typeof openDatabase>['sql'];

/** Who has an address that is not suppressed: without wishes, quiet hours and variables. */
async function reviewByHand({ sql }: CarillonSystem, people: number): Promise<number> {
  const startedAt = performance.now();
  await sql`
    select count(*), count(c.address), count(c.address) filter (where s.address_hash is null)
    from recipients r
    left join contact_points c on c.app_id = r.app_id and c.environment = r.environment and c.recipient_id = r.id
      and c.kind = 'email' and c.disabled_at is null
    left join suppressions s on s.app_id = c.app_id and s.environment = c.environment and s.channel = 'email'
      and s.address_hash = sha256(convert_to(
        '36:' || c.app_id || ';5:email;' || length(c.address) || ':' || c.address || ';', 'UTF8'
      ))
    where r.app_id = (select id from apps order by created_at limit 1) and r.environment = 'live'
      and (r.attributes ->> 'n')::int < ${people}`;
  return performance.now() - startedAt;
}

/** The same ids in arrays of a thousand, by one statement. */
async function freezeByHand({ sql }: CarillonSystem, people: number): Promise<number> {
  return sql.begin(async (tx) => {
    await tx`create temp table frozen (n int, recipient_ids text[]) on commit drop`;
    const startedAt = performance.now();
    await tx`
      insert into frozen
      select n / 1000, array_agg(id order by id)
      from (
        select id, row_number() over (order by id) - 1 as n from recipients r
        where r.app_id = (select id from apps order by created_at limit 1) and r.environment = 'live'
          and (r.attributes ->> 'n')::int < ${people}
      ) as ordered
      group by n / 1000`;
    return perSecond(people, startedAt);
  });
}

/** Makes all slices in processes side by side. @returns recipients a second. */
async function slices(url: string, id: string, people: number): Promise<number> {
  const runners = Array.from({ length: RUNNERS }, () =>
    fork(RUNNER, [url, id], { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] }),
  );
  const exits = runners.map((runner) => once(runner, 'exit'));
  const heard = async () => {
    const gone = Promise.race(exits).then(() => {
      throw new Error('a process that makes slices ended early');
    });
    await Promise.race([Promise.all(runners.map((runner) => once(runner, 'message'))), gone]);
  };
  await heard();
  const startedAt = performance.now();
  const done = heard();
  for (const runner of runners) runner.send('begin');
  await done;
  const rate = perSecond(people, startedAt);
  await Promise.all(exits);
  return rate;
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
  return perSecond(count, startedAt);
}
