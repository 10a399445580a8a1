import { untilObeyed } from '@carillon/core/notification/facts-hold';
import type { UnsubscribeLink } from '@carillon/core/recipient/unsubscribe-link';
import { optOut } from '@carillon/db/preferences/change-preferences';
import { readChoices } from '@carillon/db/preferences/preferences';
import type { ServiceContext } from '../context.ts';

/** Opts out of the category of an unsubscribe link. Returns when nothing of it is sent any more. Idempotent. */
export async function unsubscribe(
  { db }: Pick<ServiceContext, 'db'>,
  { link }: { link: UnsubscribeLink },
): Promise<void> {
  await optOut(db, link);
  await untilObeyed();
}

/**
 * Sets every category that the preference page of a link offers.
 *
 * @param input.wanted the categories to stay in; the person is opted out of all others.
 */
export async function chooseCategories(
  { db }: Pick<ServiceContext, 'db'>,
  { link, wanted }: { link: UnsubscribeLink; wanted: ReadonlySet<string> },
): Promise<void> {
  for (const { category } of await readChoices(db, link))
    await optOut(db, { ...link, category }, wanted.has(category));
  await untilObeyed();
}
