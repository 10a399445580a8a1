import type { PreferencesLink } from '@carillon/core/recipient/preferences-link';
import type { PageFacts } from '@carillon/db/preferences/read-page';
import { choosePreferences } from '@carillon/services/preferences/unsubscribe';
import { offered, offeredChannels } from '../../pages/recipient-pages.ts';

/**
 * Stores what a person chose in the form of their page: of what the page offers, and of nothing else.
 *
 * @param category one that was offered in any case.
 */
export async function saveChoices(
  ctx: Parameters<typeof choosePreferences>[0],
  { appId, environment, recipientId }: PreferencesLink,
  form: URLSearchParams,
  facts: PageFacts | null,
  category?: string,
): Promise<void> {
  if (facts === null) return;
  const wanted = new Set(form.getAll('wanted'));
  const ways = new Set(form.getAll('way'));
  // A form without its channels (one that was open before they were offered) says nothing about them.
  const channels = form.get('ways') === '1' ? offeredChannels(facts) : [];
  await choosePreferences(ctx, {
    tenant: { appId, environment },
    recipientId,
    channels: Object.fromEntries(channels.map((channel) => [channel, ways.has(channel)])),
    categories: Object.fromEntries(offered(facts, category).map(({ name }) => [name, wanted.has(name)])),
  });
}
