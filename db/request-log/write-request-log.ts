import type { Environment } from '@carillon/core/notification/environment';
import type { FieldError } from '@carillon/core/text/problem';
import type { Sql } from 'postgres';
import { storableJson } from '../connection/storable-json.ts';

export interface LoggedRequest {
  at: Date;
  appId: string;
  environment: Environment;
  keyId: string;
  method: string;
  route: string;
  path: string;
  status: number;
  durationMs: number;
  requestId: string;
  code: string | null;
  detail: string | null;
  errors: readonly FieldError[] | null;
  body: unknown;
  more: number;
}

export async function storeRequests(sql: Sql, requests: readonly LoggedRequest[]): Promise<void> {
  await sql`
    insert into request_log (at, app_id, environment, key_id, method, route, path, status, duration_ms, request_id, code,
      detail, errors, body, more)
    select at, "appId", environment, "keyId", method, route, path, status, "durationMs", "requestId", code, detail, errors,
      body, more
    from json_to_recordset(${storableJson(requests)}::text::json) as r (
      at timestamptz, "appId" uuid, environment text, "keyId" text, method text, route text, path text, status int,
      "durationMs" int, "requestId" text, code text, detail text, errors jsonb, body jsonb, more int
    )`;
}

/** Removes requests from before this time, the oldest first, up to a limit. @returns how many. */
export async function pruneRequests(sql: Sql, before: Date, limit: number): Promise<number> {
  const gone = await sql`
    delete from request_log where id in (
      select id from request_log where at < ${before} order by at limit ${limit}
    )`;
  return gone.count;
}
