import type { Environment } from '@carillon/core/notification/environment';
import type { Sql, TransactionSql } from 'postgres';

/** What many notifications came from. */
export interface Origin {
  id: string;
  appId: string;
  environment: Environment;
  category: string | null;
  /** Template variables of all of them. */
  data: Record<string, unknown>;
  events: 'problems' | 'all';
}

/** Stores an origin, before any of its notifications. One that exists is left alone. */
export async function storeOrigin(
  sql: Sql | TransactionSql,
  { id, appId, environment, category, data, events }: Origin,
): Promise<void> {
  await sql`
    insert into origins (id, app_id, environment, kind, category, data, events)
    values (${id}, ${appId}, ${environment}, 'campaign', ${category}, ${JSON.stringify(data)}::text::jsonb, ${events})
    on conflict (id) do nothing`;
}

/** The template variables that the notifications of an origin share; they never change. Empty if there is no origin. */
export async function loadOriginData(sql: Sql, id: string): Promise<Record<string, unknown>> {
  const [row] = await sql<{ data: Record<string, unknown> }[]>`select data from origins where id = ${id}`;
  return row?.data ?? {};
}
