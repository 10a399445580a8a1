import type { Sql, TransactionSql } from 'postgres';
import type { Tenant } from '../connection/tenant.ts';
import type { CsvLayout, IMPORT_FORMATS, IMPORT_MODES } from '../schema/imports.ts';

export interface ImportOptions {
  format: (typeof IMPORT_FORMATS)[number];
  mode: (typeof IMPORT_MODES)[number];
  dryRun: boolean;
  resubscribe: boolean;
}

export interface ImportCounts {
  read: number;
  created: number;
  updated: number;
  unchanged: number;
  failed: number;
}

export interface ImportRow extends ImportOptions, ImportCounts {
  id: string;
  layout: CsvLayout | null;
  headLength: number | null;
  headHash: Buffer | null;
  /** Lines of the file up to here are merged or reported. */
  position: number;
  errorKinds: Record<string, number>;
  errorsKept: number;
  actor: string;
  createdAt: Date;
  /** The same as PostgreSQL writes it, exactly. */
  createdText: string;
  updatedAt: Date;
  finishedAt: Date | null;
  /** Seconds for which the running upload still has it; 0 if none runs. */
  busySeconds: number;
}

export const importColumns = (sql: Sql | TransactionSql) => sql`
  id, format, mode, dry_run as "dryRun", resubscribe, layout, head_length as "headLength", head_hash as "headHash",
  position::float8 as position, read::float8 as read, created::float8 as created, updated::float8 as updated,
  unchanged::float8 as unchanged, failed::float8 as failed, error_kinds as "errorKinds", errors_kept as "errorsKept",
  actor, created_at as "createdAt", created_at::text as "createdText", updated_at as "updatedAt", finished_at as "finishedAt",
  ceil(greatest(extract(epoch from coalesce(lease_until, now()) - now()), 0))::int as "busySeconds"`;

export async function getImport(
  sql: Sql,
  { appId, environment }: Tenant,
  id: string,
): Promise<ImportRow | null> {
  const [row] = await sql<ImportRow[]>`
    select ${importColumns(sql)} from imports where app_id = ${appId} and environment = ${environment} and id = ${id}`;
  return row ?? null;
}

/** The newest first. */
export async function listImports(
  sql: Sql,
  { appId, environment }: Tenant,
  after: { createdText: string; id: string } | null,
  limit: number,
): Promise<ImportRow[]> {
  return sql<ImportRow[]>`
    select ${importColumns(sql)} from imports
    where app_id = ${appId} and environment = ${environment}
      ${after === null ? sql`` : sql`and (created_at, id) < (${after.createdText}::text::timestamptz, ${after.id}::text::uuid)`}
    order by created_at desc, id desc limit ${limit}`;
}
