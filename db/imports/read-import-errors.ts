import type { Sql } from 'postgres';
import type { Tenant } from '../connection/tenant.ts';

/** A line that was refused, and why; a line may have several. */
export interface ImportError {
  line: number;
  /** Among the errors of the line. */
  n: number;
  /** The class of the error (core/import/errors.ts). */
  kind: string;
  path: string;
  /** With the value as typed, shortened. */
  message: string;
  recipientId: string | null;
}

/** By line, after a position. @param kind only errors of this class. */
export async function listImportErrors(
  sql: Sql,
  { appId, environment }: Tenant,
  importId: string,
  { after = null, kind }: { after?: Pick<ImportError, 'line' | 'n'> | null; kind?: string | undefined },
  limit: number,
): Promise<ImportError[]> {
  return sql<ImportError[]>`
    select line::float8 as line, n, kind, path, message, recipient_id as "recipientId" from import_errors
    where app_id = ${appId} and environment = ${environment} and import_id = ${importId}
      ${after === null ? sql`` : sql`and (line, n) > (${after.line}, ${after.n})`}
      ${kind === undefined ? sql`` : sql`and kind = ${kind}`}
    order by line, n limit ${limit}`;
}
