import type { FieldError } from '@carillon/core/text/problem';
import type { Tenant } from '../connection/tenant.ts';
import type { Reader } from '../replica/reader.ts';

export interface RequestRow {
  /** Rises with time. A bigint, as text. */
  id: string;
  at: Date;
  keyId: string;
  method: string;
  route: string;
  path: string;
  status: number;
  durationMs: number;
  requestId: string;
  code: string | null;
  detail: string | null;
  errors: FieldError[] | null;
  body: unknown;
  more: number;
}

/** An absent filter does not narrow. */
export interface RequestFilter {
  keyId?: string | undefined;
  method?: string | undefined;
  route?: string | undefined;
  /** From this one to that one. */
  status?: { from: number; to: number } | undefined;
  code?: string | undefined;
  requestId?: string | undefined;
  since?: Date | undefined;
  until?: Date | undefined;
}

/** Newest first, of one app and environment. @param olderThan the id of the last one of the previous page. */
export async function listRequests(
  sql: Reader,
  { appId, environment }: Tenant,
  filter: RequestFilter,
  olderThan: string | undefined,
  limit: number,
): Promise<RequestRow[]> {
  const { keyId, method, route, status, code, requestId, since, until } = filter;
  // Stated, not only implied: the index of problems serves it.
  const isProblem = code !== undefined || (status !== undefined && status.from >= 400);
  return sql<RequestRow[]>`
    select id::text, at, key_id as "keyId", method, route, path, status, duration_ms as "durationMs",
      request_id as "requestId", code, detail, errors, body, more
    from request_log
    where app_id = ${appId} and environment = ${environment}
      ${isProblem ? sql`and status >= 400` : sql``}
      ${status === undefined ? sql`` : sql`and status between ${status.from} and ${status.to}`}
      ${keyId === undefined ? sql`` : sql`and key_id = ${keyId}`}
      ${method === undefined ? sql`` : sql`and method = ${method}`}
      ${route === undefined ? sql`` : sql`and route = ${route}`}
      ${code === undefined ? sql`` : sql`and code = ${code}`}
      ${requestId === undefined ? sql`` : sql`and request_id = ${requestId}`}
      ${since === undefined ? sql`` : sql`and at >= ${since}`}
      ${until === undefined ? sql`` : sql`and at < ${until}`}
      ${olderThan === undefined ? sql`` : sql`and id < ${olderThan}::bigint`}
    order by request_log.id desc limit ${limit}`;
}
