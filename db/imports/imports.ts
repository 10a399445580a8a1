import type { Sql, TransactionSql } from 'postgres';
import type { Tenant } from '../connection/tenant.ts';
import { importColumns as columns, type ImportOptions, type ImportRow } from './read-imports.ts';

/**
 * Adds an import that this upload has for `leaseSeconds`.
 *
 * @returns null if the tenant has one of this id.
 */
export async function addImport(
  sql: Sql | TransactionSql,
  { appId, environment }: Tenant,
  { id, format, mode, dryRun, resubscribe, actor }: ImportOptions & Pick<ImportRow, 'id' | 'actor'>,
  { token, leaseSeconds }: { token: string; leaseSeconds: number },
): Promise<ImportRow | null> {
  const [row] = await sql<ImportRow[]>`
    insert into imports (id, app_id, environment, format, mode, dry_run, resubscribe, actor, lease_token, lease_until)
    values (${id}, ${appId}, ${environment}, ${format}, ${mode}, ${dryRun}, ${resubscribe}, ${actor}, ${token},
      now() + make_interval(secs => ${leaseSeconds}))
    on conflict (app_id, environment, id) do nothing
    returning ${columns(sql)}`;
  return row ?? null;
}

/** Takes an import for this upload; null while another upload has it, or if there is none of this id. */
export async function takeImport(
  sql: Sql,
  { appId, environment }: Tenant,
  id: string,
  { token, leaseSeconds }: { token: string; leaseSeconds: number },
): Promise<ImportRow | null> {
  const [row] = await sql<ImportRow[]>`
    update imports set lease_token = ${token}, lease_until = now() + make_interval(secs => ${leaseSeconds})
    where app_id = ${appId} and environment = ${environment} and id = ${id}
      and (lease_until is null or lease_until < now())
    returning ${columns(sql)}`;
  return row ?? null;
}

/**
 * A sign of life of an upload. Does nothing while a part is being merged: that commit is one itself.
 */
export async function keepImport(
  sql: Sql,
  { appId, environment }: Tenant,
  id: string,
  { token, leaseSeconds }: { token: string; leaseSeconds: number },
): Promise<void> {
  await sql`
    update imports set lease_until = now() + make_interval(secs => ${leaseSeconds})
    where (app_id, environment, id) in (
      select app_id, environment, id from imports
      where app_id = ${appId} and environment = ${environment} and id = ${id} and lease_token = ${token}
      for update skip locked
    )`;
}

/**
 * Gives an import back, so that another upload may go on.
 *
 * @param finished the end of the file is merged.
 * @returns null if this upload no longer has it.
 */
export async function leaveImport(
  sql: Sql,
  { appId, environment }: Tenant,
  id: string,
  { token, finished }: { token: string; finished: boolean },
): Promise<ImportRow | null> {
  const [row] = await sql<ImportRow[]>`
    update imports set lease_token = null, lease_until = null, updated_at = now(),
      finished_at = case when ${finished} then now() else finished_at end
    where app_id = ${appId} and environment = ${environment} and id = ${id} and lease_token = ${token}
    returning ${columns(sql)}`;
  return row ?? null;
}

/** Removes an import of which no line was read: its file was refused as a whole. */
export async function dropImport(
  sql: Sql,
  { appId, environment }: Tenant,
  id: string,
  token: string,
): Promise<void> {
  await sql`
    delete from imports
    where app_id = ${appId} and environment = ${environment} and id = ${id} and lease_token = ${token} and position = 0`;
}

/**
 * Removes imports without a change since then, and their errors before them: some hundred rows at a time.
 *
 * @returns how many rows of either were removed.
 */
export async function pruneImports(sql: Sql, before: Date, limit: number): Promise<number> {
  const errors = await sql`
    delete from import_errors where ctid = any (array(
      select e.ctid from import_errors e join imports i using (app_id, environment)
      where i.id = e.import_id and i.updated_at < ${before} limit ${limit}
    ))`;
  if (errors.count === limit) return errors.count;
  const gone = await sql`
    delete from imports where (app_id, environment, id) in (
      select app_id, environment, id from imports where updated_at < ${before}
      order by updated_at limit ${limit - errors.count} for update skip locked
    )`;
  return errors.count + gone.count;
}
