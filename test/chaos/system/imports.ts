import { randomUUID } from 'node:crypto';
import { addressHash } from '@carillon/core/recipient/suppression';
import type { Sql } from 'postgres';
import { until } from '../../support/until.ts';
import type { Cell } from '../cell/cell.ts';
import type { ImportedLine } from '../judge/imported-line.ts';
import { type ImportedPerson, type ImportSnapshot, judgeImport } from '../judge/imports.ts';
import type { Finding } from '../judge/rules.ts';
import { actBeside } from '../load/beside-import.ts';
import { startImportClient } from '../load/import-client.ts';
import { type ImportFile, planImportFile } from '../load/import-file.ts';
import type { Random } from '../load/random.ts';
import { watchDatabase } from './watch-database.ts';

/** An import of a cell, its client, and what others do to its people meanwhile. */
export interface ImportUnderTest {
  /** Waits until it reports so many rows as read. */
  reaches(rows: number, timeoutMs?: number): Promise<void>;
  /** Waits until its client has its answer, or for too long: the judge says what is missing. */
  ends(timeoutMs: number): Promise<void>;
  /** Stops looking, and judges it. */
  judge(): Promise<Finding[]>;
}

export interface ImportWishes {
  format: ImportFile['format'];
  /** Of its ids. */
  prefix: string;
  rows: number;
  /** The API that receives the upload, and the one that receives everything else. */
  urls: { upload: string; beside: string };
  random: Random;
  giveUpAfterMs: number;
}

const ENVIRONMENT = 'live';
/** Each look counts people. */
const LOOK_EVERY_MS = 500;

/** Stores what holds before an import, and starts it. */
export async function startImport(cell: Cell, wishes: ImportWishes): Promise<ImportUnderTest> {
  const { sql, appId, keys, databaseUrl } = cell;
  const { format, prefix, rows, urls, random, giveUpAfterMs } = wishes;
  const file = planImportFile(format, prefix, rows);
  const before = await storeBefore(sql, appId, file.lines);
  const id = randomUUID();
  const watch = watchDatabase(databaseUrl, (each) => snapshotOf(each, appId, id, prefix), LOOK_EVERY_MS);
  const key = keys[ENVIRONMENT];
  const client = startImportClient({ url: urls.upload, key, id, file, giveUpAfterMs });
  const position = () => watch.snapshots.at(-1)?.position ?? 0;
  const beside = actBeside({ url: urls.beside, key, lines: file.lines, position, random });

  return {
    async reaches(wanted, timeoutMs = 120_000) {
      const isThere = () => (watch.snapshots.at(-1)?.read ?? 0) >= wanted;
      await until(`${wanted} rows of the ${format} import to be read`, isThere, { timeoutMs });
    },
    async ends(timeoutMs) {
      let isOver = false;
      await Promise.race([
        client.done.then(() => (isOver = true)),
        until('the import to end', () => isOver, { timeoutMs, everyMs: 200 }).catch(() => {}),
      ]);
    },
    async judge() {
      const acted = () => Object.values(beside.confirmed).every((ids) => ids.size > 0);
      await until('each act to be confirmed once', acted, { timeoutMs: 30_000 }).catch(() => {});
      await beside.stop();
      const snapshots = await watch.stop();
      const { confirmed } = beside;
      for (const each of before.optedOut) confirmed['opted out'].add(each);
      const known = new Set([...before.suppressed, ...beside.suppressed]);
      const flawed = await sql<{ line: number }[]>`
        select line::int as line from import_errors where app_id = ${appId} and import_id = ${id} order by line`;
      const findings = judgeImport({
        id: `the ${format} import`,
        lines: file.lines,
        snapshots,
        flawed: flawed.map(({ line }) => line),
        people: await peopleOf(sql, appId, prefix),
        confirmed,
        suppressed: { confirmed: known, present: await suppressedOf(sql, appId, known) },
      });
      const acts = Object.entries(confirmed).filter(([, ids]) => ids.size === 0);
      if (acts.length > 0 || client.uploads() < 2) {
        const why = `${client.uploads()} uploads; not once ${acts.map(([kind]) => kind).join(', ') || '-'}`;
        findings.push({ rule: 'unproven', id: `the ${format} import`, why });
      }
      return findings;
    },
  };
}

/** What people did before, in two statements. */
async function storeBefore(
  sql: Sql,
  appId: string,
  lines: readonly ImportedLine[],
): Promise<{ optedOut: string[]; suppressed: string[] }> {
  const of = (kind: ImportedLine['kind']) => lines.filter((line) => line.kind === kind).map(({ id }) => id);
  const [optedOut, bounced, suppressed] = [of('opted out'), of('bounced'), of('suppressed').map(addressOf)];
  await sql`
    with people as (
      insert into recipients (app_id, environment, id)
      select ${appId}, ${ENVIRONMENT}, id from unnest(${[...optedOut, ...bounced]}::text[]) as p (id)
    ), points as (
      insert into contact_points (app_id, environment, recipient_id, kind, address, disabled_at, disabled_reason)
      select ${appId}, ${ENVIRONMENT}, id, 'email', id || '@example.com', now(), 'bounced'
      from unnest(${bounced}::text[]) as p (id)
    )
    insert into user_preferences (app_id, environment, recipient_id, categories)
    select ${appId}, ${ENVIRONMENT}, id, '{"news": false}' from unnest(${optedOut}::text[]) as p (id)`;
  await sql`
    insert into suppressions (app_id, environment, channel, address_hash, reason)
    select ${appId}, ${ENVIRONMENT}, 'email', decode(hash, 'hex'), 'bounce'
    from unnest(${suppressed.map((each) => hashOf(appId, each))}::text[]) as s (hash)`;
  return { optedOut, suppressed };
}

const addressOf = (id: string): string => `${id}@example.com`;
const hashOf = (appId: string, address: string): string =>
  addressHash(appId, 'email', address).toString('hex');

/** Null where there is no such import yet. */
async function snapshotOf(
  sql: Sql,
  appId: string,
  id: string,
  prefix: string,
): Promise<ImportSnapshot | null> {
  const [row] = await sql<Omit<ImportSnapshot, 'at'>[]>`
    select position::float8 as position, read::float8 as read, failed::float8 as failed, created::float8 as created,
      finished_at is not null and lease_until is null as "isDone", (
        select count(*)::int from recipients
        where app_id = ${appId} and environment = ${ENVIRONMENT} and id like ${`${prefix}-plain-%`}
      ) as plain
    from imports where app_id = ${appId} and environment = ${ENVIRONMENT} and id = ${id}`;
  return row ? { at: Date.now(), ...row } : null;
}

async function peopleOf(sql: Sql, appId: string, prefix: string): Promise<ImportedPerson[]> {
  return sql<ImportedPerson[]>`
    select r.id, (r.attributes ->> 'n')::int as n, r.locale, (p.categories ->> 'news')::boolean as "wantsNews",
      coalesce((
        select json_agg(json_build_object('address', c.address, 'isDisabled', c.disabled_at is not null))
        from contact_points c
        where c.app_id = r.app_id and c.environment = r.environment and c.recipient_id = r.id
      ), '[]') as addresses
    from recipients r
    left join user_preferences p on p.app_id = r.app_id and p.environment = r.environment and p.recipient_id = r.id
    where r.app_id = ${appId} and r.environment = ${ENVIRONMENT} and r.id like ${`${prefix}-%`}`;
}

async function suppressedOf(sql: Sql, appId: string, addresses: ReadonlySet<string>): Promise<Set<string>> {
  const rows = await sql<{ hash: string }[]>`
    select encode(address_hash, 'hex') as hash from suppressions
    where app_id = ${appId} and environment = ${ENVIRONMENT} and channel = 'email'`;
  const present = new Set(rows.map(({ hash }) => hash));
  return new Set([...addresses].filter((address) => present.has(hashOf(appId, address))));
}
