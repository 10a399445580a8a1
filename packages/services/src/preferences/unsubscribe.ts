import { untilObeyed } from '@carillon/core/notification/facts-hold';
import type { UnsubscribeLink } from '@carillon/core/recipient/unsubscribe-link';
import type { Tenant } from '@carillon/db/connection/tenant';
import { choose, optOut } from '@carillon/db/preferences/change-preferences';
import type { ServiceContext } from '../context.ts';

/** Opts out of the category of an unsubscribe link. Returns when nothing of it is sent any more. Idempotent. */
export async function unsubscribe(
  { db }: Pick<ServiceContext, 'db'>,
  { link }: { link: UnsubscribeLink },
): Promise<void> {
  await optOut(db, link);
  await untilObeyed();
}

/** Sets what a person chose on their page. Returns when it applies to everything that is not written yet. */
export async function choosePreferences(
  { db }: Pick<ServiceContext, 'db'>,
  input: {
    tenant: Tenant;
    recipientId: string;
    channels: Readonly<Record<string, boolean>>;
    categories: Readonly<Record<string, boolean>>;
  },
): Promise<void> {
  const { tenant, recipientId, channels, categories } = input;
  await choose(db, { ...tenant, recipientId }, { channels, categories });
  await untilObeyed();
}
