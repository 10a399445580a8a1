import type { UnsubscribeLink } from '@carillon/core/unsubscribe-link';
import type { Sql } from 'postgres';

export interface Choice {
  category: string;
  wanted: boolean;
}

/** The categories a person may leave, and which they have left; always with the one their link is about. */
export async function readChoices(sql: Sql, link: UnsubscribeLink): Promise<Choice[]> {
  const { appId, environment, category, recipientId } = link;
  return sql<Choice[]>`
    with offered as (
      select name from categories where app_id = ${appId} and environment = ${environment} and unsubscribable and name <> '*'
      union select ${category}::text
    )
    select o.name as category, coalesce((p.categories ->> o.name)::boolean, true) as wanted
    from offered o
    left join user_preferences p on p.app_id = ${appId} and p.environment = ${environment} and p.recipient_id = ${recipientId ?? null}
    order by o.name`;
}
