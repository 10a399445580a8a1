import { isReachable } from '@carillon/core/provider/reach';
import { categoryName } from '@carillon/core/provider/visible-text';
import { resolveLocale } from '@carillon/core/recipient/locale';
import { PAGE_WORDS, type PageLanguage, pageLanguage } from '@carillon/core/recipient/page-words';
import type { PageCategory, PageFacts } from '@carillon/db/preferences/read-page';

/** What a page is made of. */
export interface PageInput {
  facts: PageFacts | null;
  /** The languages of the browser, the most wanted first. */
  accepted: readonly string[];
}

/** The categories that the page of a recipient offers. @param category one that is offered in any case. */
export function offered({ categories }: PageFacts, category?: string): PageCategory[] {
  const open = categories.filter(
    ({ name, unsubscribable, defaultOn, locked }) =>
      !locked && (unsubscribable || !defaultOn || categoryName(name) === category),
  );
  const byName = new Map(open.map((each) => [categoryName(each.name), each]));
  const isKnown = categories.some(({ name }) => categoryName(name) === category);
  if (category !== undefined && !isKnown) byName.set(category, bare(category));
  return [...byName.entries()]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, each]) => ({ ...each, name }));
}

/** The channels that reach a recipient now or that they switched off. */
export function offeredChannels({ recipient }: PageFacts): (typeof CHANNELS)[number][] {
  if (recipient === null) return [];
  return CHANNELS.filter(
    (channel) => isReachable(channel, recipient.kinds) || recipient.channels[channel] === false,
  );
}

/** Those that cannot be switched off and have a title: people see that they always come. */
export function lockedOnes({ categories }: PageFacts): PageCategory[] {
  return categories.filter(({ locked, titles }) => locked && Object.keys(titles).length > 0);
}

function languageOf({ facts, accepted }: PageInput): PageLanguage {
  return pageLanguage([facts?.recipient?.locale, ...accepted]);
}

/** The language of a page and what it says in it. */
export function begun(input: PageInput) {
  const language = languageOf(input);
  return { language, words: PAGE_WORDS[language], app: input.facts?.app ?? null };
}

/** What people see of a category: in the language of the page if it has that, else as resolved for them. */
export function shown(
  { facts, accepted }: PageInput,
  category: string,
): { title: string; description: string | null } {
  const found = facts?.categories.find(({ name }) => categoryName(name) === categoryName(category));
  const wished = [facts?.recipient?.locale, ...accepted];
  const inLanguage = (texts: Readonly<Record<string, string>> = {}): string | null => {
    const locale = resolveLocale(Object.keys(texts), wished);
    return locale === null ? null : (texts[locale] ?? null);
  };
  return { title: inLanguage(found?.titles) ?? category, description: inLanguage(found?.descriptions) };
}

function bare(name: string): PageCategory {
  return { name, titles: {}, descriptions: {}, unsubscribable: true, defaultOn: true, locked: false };
}

const CHANNELS = ['email', 'sms', 'push'] as const;
