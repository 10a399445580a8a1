import { untilObeyed } from '@carillon/core/notification/facts-hold';
import type { Wishes } from '@carillon/core/recipient/preferences';
import type { UnsubscribeLink } from '@carillon/core/recipient/unsubscribe-link';
import type { Tenant } from '@carillon/db/connection/tenant';
import { choose, optOut } from '@carillon/db/preferences/change-preferences';
import type { ServiceContext } from '../context.ts';
import { putPreferences } from './put.ts';

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
  ctx: Pick<ServiceContext, 'db' | 'wake'>,
  input: {
    tenant: Tenant;
    recipientId: string;
    channels: Readonly<Record<string, boolean>>;
    categories: Wishes;
    /** RFC 3339; null ends a pause, undefined leaves it as it is. */
    pausedUntil?: string | null | undefined;
  },
): Promise<void> {
  const { tenant, recipientId, channels, categories, pausedUntil } = input;
  await choose(ctx.db, { ...tenant, recipientId }, { channels, categories });
  // It also releases what an earlier pause holds.
  if (pausedUntil !== undefined)
    await putPreferences(ctx, { tenant, recipientId, fields: { paused_until: pausedUntil } });
  await untilObeyed();
}
