import type { Brand } from '@carillon/core/recipient/brand';
import type { Sql, TransactionSql } from 'postgres';

export interface App {
  id: string;
  name: string;
  /** IANA name; null is UTC. */
  timeZone: string | null;
  /** Null: its name, no logo, our colours. */
  brand: Brand | null;
  /** Origins of web pages that may use tokens of its recipients. */
  allowedOrigins: string[];
  /** A campaign is sent only after another person than its authors has approved it. */
  approvesCampaigns: boolean;
  createdAt: Date;
}

const columns = (sql: Sql | TransactionSql) =>
  sql`
  id, name, time_zone as "timeZone", brand, allowed_origins as "allowedOrigins",
  approves_campaigns as "approvesCampaigns", created_at as "createdAt"`;

/**
 * Lets one transaction at a time add or rename an app: names are not unique in the table, because earlier releases took
 * any, so a writer checks first.
 */
export async function lockAppNames(tx: TransactionSql): Promise<void> {
  await tx`select pg_advisory_xact_lock(hashtext('carillon.apps'))`;
}

export async function insertApp(
  tx: TransactionSql,
  {
    name,
    timeZone,
    brand = null,
    allowedOrigins = [],
    approvesCampaigns = false,
  }: Pick<App, 'name' | 'timeZone'> & Partial<Pick<App, 'brand' | 'allowedOrigins' | 'approvesCampaigns'>>,
): Promise<App> {
  const [row] = await tx<[App]>`
    insert into apps (name, time_zone, brand, allowed_origins, approves_campaigns)
    values (${name}, ${timeZone}, ${json(brand)}::text::jsonb, ${allowedOrigins}::text[], ${approvesCampaigns})
    returning ${columns(tx)}`;
  return row;
}

/** @returns the app as it is now; it must exist, held by `findApp` with the lock. */
export async function updateApp(
  tx: TransactionSql,
  id: string,
  { name, timeZone, brand, allowedOrigins, approvesCampaigns }: Omit<App, 'id' | 'createdAt'>,
): Promise<App> {
  const [row] = await tx<[App]>`
    update apps set name = ${name}, time_zone = ${timeZone}, brand = ${json(brand)}::text::jsonb,
      allowed_origins = ${allowedOrigins}::text[], approves_campaigns = ${approvesCampaigns}
    where id = ${id} returning ${columns(tx)}`;
  return row;
}

const json = (brand: Brand | null): string | null => (brand === null ? null : JSON.stringify(brand));

/** @param lock holds the row until the end of the transaction. */
export async function findApp(sql: Sql | TransactionSql, id: string, lock = false): Promise<App | null> {
  const [row] = await sql<App[]>`
    select ${columns(sql)} from apps where id = ${id} ${lock ? sql`for update` : sql``}`;
  return row ?? null;
}

/** All apps of exactly this name. */
export async function findAppsNamed(sql: Sql | TransactionSql, name: string): Promise<App[]> {
  return sql<App[]>`select ${columns(sql)} from apps where name = ${name} order by created_at, id`;
}

/**
 * @param after the id of the last app of the previous page. Apps are never removed, so its place in the order stays.
 */
export async function listAppPage(sql: Sql, after: string | undefined, limit: number): Promise<App[]> {
  return sql<App[]>`
    select ${columns(sql)} from apps
    ${after === undefined ? sql`` : sql`where (created_at, id) > (select created_at, id from apps where id = ${after})`}
    order by created_at, id limit ${limit}`;
}

/** What an installation already contains, a few of each kind by name. */
export interface InstallationContents {
  apps: { id: string; name: string }[];
  staff: string[];
  /** Keys that were not revoked. */
  keys: string[];
}

const SHOWN = 5;

/**
 * Read by one transaction at a time, which holds the lock to its end: of two that set up an installation, the second
 * sees the work of the first.
 */
export async function lockInstallation(tx: TransactionSql): Promise<InstallationContents> {
  await tx`select pg_advisory_xact_lock(hashtext('carillon.installation'))`;
  const apps = await tx<{ id: string; name: string }[]>`
    select id, name from apps order by created_at, id limit ${SHOWN}`;
  const staff = await tx<{ email: string }[]>`
    select email from staff order by created_at, id limit ${SHOWN}`;
  const keys = await tx<{ id: string }[]>`
    select id from api_keys where revoked_at is null order by created_at, id limit ${SHOWN}`;
  return { apps: [...apps], staff: staff.map(({ email }) => email), keys: keys.map(({ id }) => id) };
}

/** The zone of an app, for recipients who have none; null is UTC. */
export async function readAppTimeZone(sql: Sql | TransactionSql, appId: string): Promise<string | null> {
  const [row] = await sql<
    { timeZone: string | null }[]
  >`select time_zone as "timeZone" from apps where id = ${appId}`;
  return row?.timeZone ?? null;
}
