import type { Environment } from '@carillon/core/environment';
import type { Sql } from 'postgres';

export interface WantedRecipient {
  app_id: string;
  environment: Environment;
  id: string;
}

export interface ReachableRecipient extends WantedRecipient {
  locale: string | null;
  /** Kinds of contact points that are not disabled: email, phone, fcm, apns, web_push. */
  kinds: string[];
}

/** All recipients that a group of requests names, and how they can be reached. Unknown ones are not returned. */
export async function findReachableRecipients(
  sql: Sql,
  wanted: readonly WantedRecipient[],
): Promise<ReachableRecipient[]> {
  return sql<ReachableRecipient[]>`
    select r.app_id, r.environment, r.id, r.locale,
      array(
        select distinct c.kind from contact_points c
        where c.app_id = r.app_id and c.environment = r.environment and c.recipient_id = r.id and c.disabled_at is null
      ) as kinds
    from json_to_recordset(${JSON.stringify(wanted)}::text::json) as w (app_id uuid, environment text, id text)
    join recipients r on r.app_id = w.app_id and r.environment = w.environment and r.id = w.id`;
}
