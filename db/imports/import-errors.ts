import type { TransactionSql } from 'postgres';
import { storableJson } from '../connection/storable-json.ts';
import type { Tenant } from '../connection/tenant.ts';
import type { ImportError } from './read-import-errors.ts';

export async function addImportErrors(
  tx: TransactionSql,
  { appId, environment }: Tenant,
  importId: string,
  errors: readonly ImportError[],
): Promise<void> {
  if (errors.length === 0) return;
  await tx`
    insert into import_errors (app_id, environment, import_id, line, n, kind, path, message, recipient_id)
    select ${appId}, ${environment}, ${importId}, e.line, e.n, e.kind, e.path, e.message, e."recipientId"
    from json_to_recordset(${storableJson(errors)}::text::json)
      as e (line bigint, n smallint, kind text, path text, message text, "recipientId" text)
    on conflict do nothing`;
}

/** @returns how many errors about this person were removed. */
export async function eraseImportErrors(
  tx: TransactionSql,
  { appId, environment }: Tenant,
  recipientId: string,
): Promise<number> {
  const gone = await tx`
    delete from import_errors
    where app_id = ${appId} and environment = ${environment} and recipient_id = ${recipientId}`;
  return gone.count;
}
