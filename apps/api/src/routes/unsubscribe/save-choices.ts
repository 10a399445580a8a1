import { CHANNELS, type Channel } from '@carillon/core/notification/channel';
import { chooseCells } from '@carillon/core/recipient/category-wishes';
import {
  type CategoryWish,
  isByChannel,
  type Wishes,
  wantsCategory,
  wishFor,
} from '@carillon/core/recipient/preferences';
import type { PreferencesLink } from '@carillon/core/recipient/preferences-link';
import type { PageFacts } from '@carillon/db/preferences/read-page';
import { choosePreferences } from '@carillon/services/preferences/unsubscribe';
import { offered, offeredChannels } from '../../pages/page-input.ts';
import { chosenPause } from '../../pages/pause-field.ts';

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
  if (!facts?.recipient) return;
  const { recipient } = facts;
  const ways = new Set(form.getAll('way'));
  // A form without its channels (one that was open before they were offered) says nothing about them.
  const channels = Object.fromEntries(
    (form.get('ways') === '1' ? offeredChannels(facts) : []).map((channel) => [channel, ways.has(channel)]),
  );
  await choosePreferences(ctx, {
    tenant: { appId, environment },
    recipientId,
    channels,
    categories: chosenCategories(form, facts, recipient, channels, category),
    pausedUntil: chosenPause(form, recipient, Date.now()),
  });
}

type Recipient = NonNullable<PageFacts['recipient']>;

function chosenCategories(
  form: URLSearchParams,
  facts: PageFacts,
  { channels: before, categories }: Recipient,
  channels: Readonly<Record<string, boolean>>,
  category?: string,
): Wishes {
  const shown = (form.get('cells') ?? '').split(' ');
  const columns = CHANNELS.filter((channel) => shown.includes(channel));
  const off = (said: Readonly<Record<string, boolean>>): Channel[] =>
    CHANNELS.filter((channel) => said[channel] === false);
  const wanted = new Set(form.getAll('wanted'));
  return Object.fromEntries(
    offered(facts, category).map(({ name, defaultOn }): [string, CategoryWish] => {
      const wish = wishFor(categories, name);
      if (columns.length === 0) {
        const isUnchanged =
          isByChannel(wish) && wantsCategory(categories, name, defaultOn) === wanted.has(name);
        return [name, isUnchanged ? wish : wanted.has(name)];
      }
      const ticks = Object.fromEntries(
        columns.map((channel) => [channel, form.has(`cell_${channel}`, name)]),
      );
      const cells = { ticks, defaultOn, off: off({ ...before, ...channels }), wasOff: off(before) };
      return [name, chooseCells(wish, cells)];
    }),
  );
}
