import type { TransactionSql } from 'postgres';
import type { Tenant } from '../connection/tenant.ts';
import type { CsvLayout } from '../schema/imports.ts';
import type { ImportCounts } from './read-imports.ts';

/** The import of this upload, locked: its position; null if another upload has it. */
export async function lockImport(
  tx: TransactionSql,
  { appId, environment }: Tenant,
  id: string,
  token: string,
): Promise<{ position: number; errorsKept: number } | null> {
  const [row] = await tx<{ position: number; errorsKept: number }[]>`
    select position::float8 as position, errors_kept as "errorsKept" from imports
    where app_id = ${appId} and environment = ${environment} and id = ${id} and lease_token = ${token}
    for update`;
  return row ?? null;
}

export interface ImportProgress extends ImportCounts {
  position: number;
  errorKinds: Readonly<Record<string, number>>;
  errorsKept: number;
  layout: CsvLayout | null;
  head: { length: number; hash: Buffer } | null;
}

/** Adds what a part of an import did, in the commit that did it. */
export async function addProgress(
  tx: TransactionSql,
  { appId, environment }: Tenant,
  id: string,
  { position, layout, head, leaseSeconds, ...more }: ImportProgress & { leaseSeconds: number },
): Promise<void> {
  await tx`
    update imports set position = ${position}, read = read + ${more.read}, created = created + ${more.created},
      updated = updated + ${more.updated}, unchanged = unchanged + ${more.unchanged}, failed = failed + ${more.failed},
      error_kinds = (
        select coalesce(jsonb_object_agg(kind, count), '{}') from (
          select key as kind, sum(value::bigint) as count from (
            select * from jsonb_each_text(error_kinds)
            union all select * from jsonb_each_text(${JSON.stringify(more.errorKinds)}::text::jsonb)
          ) as each (key, value) group by key
        ) as kinds
      ),
      errors_kept = errors_kept + ${more.errorsKept},
      layout = coalesce(layout, ${layout === null ? null : JSON.stringify(layout)}::text::jsonb),
      head_length = coalesce(head_length, ${head?.length ?? null}::int),
      head_hash = coalesce(head_hash, ${head?.hash ?? null}::bytea),
      lease_until = now() + make_interval(secs => ${leaseSeconds}), updated_at = now(), finished_at = null
    where app_id = ${appId} and environment = ${environment} and id = ${id}`;
}
