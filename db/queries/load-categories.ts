import type { DeliveryPolicy } from '@carillon/core/delivery-policy';
import type { Environment } from '@carillon/core/environment';
import type { Sql } from 'postgres';

export interface CategorySettingsRow {
  appId: string;
  environment: Environment;
  name: string;
  deliveryPolicy: DeliveryPolicy;
  resolveWithinSeconds: number | null;
  backoffSeconds: number[] | null;
  trackOpens: boolean;
  trackClicks: boolean;
  unsubscribable: boolean;
}

/** How every app wants its categories treated: a few rows per app, read whole. */
export async function loadCategories(sql: Sql): Promise<CategorySettingsRow[]> {
  return sql<CategorySettingsRow[]>`
    select app_id as "appId", environment, name, delivery_policy as "deliveryPolicy",
      resolve_within_seconds as "resolveWithinSeconds", backoff_seconds as "backoffSeconds",
      track_opens as "trackOpens", track_clicks as "trackClicks", unsubscribable
    from categories`;
}
