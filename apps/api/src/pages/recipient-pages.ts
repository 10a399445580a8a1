import { isReachable } from '@carillon/core/provider/reach';
import { categoryName } from '@carillon/core/provider/visible-text';
import { resolveLocale } from '@carillon/core/recipient/locale';
import { PAGE_WORDS, type PageLanguage, pageLanguage, worded } from '@carillon/core/recipient/page-words';
import { wantsCategory } from '@carillon/core/recipient/preferences';
import type { PageCategory, PageFacts } from '@carillon/db/preferences/read-page';
import { html } from 'hono/html';
import { type RenderedPage, renderPage } from './page.ts';

/** What a page is made of. */
export interface PageInput {
  facts: PageFacts | null;
  /** The languages of the browser, the most wanted first. */
  accepted: readonly string[];
}

const CHANNELS = ['email', 'sms', 'push'] as const;

/** Asks whether to unsubscribe, and offers the choices of a known recipient. Its forms go to its own address. */
export function unsubscribePage(input: PageInput, category: string): RenderedPage {
  if (isLocked(input, category)) return preferencesPage(input, { category });
  const { words, ...page } = begun(input);
  const { title, description } = shown(input, category);
  const question = worded(words.unsubscribeQuestion, title);
  return renderPage({
    ...page,
    title: question,
    body: html`<h1>${question}</h1>
${description === null ? '' : html`<p><bdi>${description}</bdi></p>`}
<form method="post">
<input type="hidden" name="List-Unsubscribe" value="One-Click">
<button>${words.unsubscribe}</button>
</form>
${input.facts?.recipient ? choicesForm(input, words.chooseInstead, category) : ''}`,
  });
}

/** @param manage the address of the preference page; null for a bare address. */
export function unsubscribedPage(input: PageInput, category: string, manage: string | null): RenderedPage {
  // It was locked after the message was sent: the opt-out is kept and counts when it is unlocked.
  if (isLocked(input, category)) return preferencesPage(input, { category });
  const { words, ...page } = begun(input);
  const { title } = shown(input, category);
  return renderPage({
    ...page,
    title: words.unsubscribed,
    body: html`<h1>${words.unsubscribed}</h1>
<p dir="auto">${worded(words.unsubscribedText, title)}</p>
${manage === null ? '' : html`<p><a href="${manage}">${words.choose}</a></p>`}`,
  });
}

/** @param category the one that the link is about: offered in any case. */
export function preferencesPage(
  input: PageInput,
  { saved = false, category }: { saved?: boolean; category?: string } = {},
): RenderedPage {
  const { words, ...page } = begun(input);
  return renderPage({
    ...page,
    title: words.choose,
    body: html`${saved ? html`<p role="status">${words.saved}</p>` : ''}
<h1>${words.choose}</h1>${input.facts === null ? '' : choicesForm(input, null, category)}`,
  });
}

/** Behind the links of previews and test messages. */
export function samplePage(input: PageInput): RenderedPage {
  const { words, ...page } = begun(input);
  return renderPage({
    ...page,
    title: words.sample,
    body: html`<h1>${words.sample}</h1><p>${words.sampleText}</p>`,
  });
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

function isLocked({ facts }: PageInput, category: string): boolean {
  const name = categoryName(category);
  return facts?.categories.some((each) => each.locked && categoryName(each.name) === name) ?? false;
}

function bare(name: string): PageCategory {
  return { name, titles: {}, descriptions: {}, unsubscribable: true, defaultOn: true, locked: false };
}

function languageOf({ facts, accepted }: PageInput): PageLanguage {
  return pageLanguage([facts?.recipient?.locale, ...accepted]);
}

function begun(input: PageInput) {
  const language = languageOf(input);
  return { language, words: PAGE_WORDS[language], app: input.facts?.app ?? null };
}

/** What people see of a category: in the language of the page if it has that, else as resolved for them. */
function shown(
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

function choicesForm(input: PageInput, heading: string | null, category?: string) {
  const facts = input.facts!;
  const { words } = begun(input);
  const channels = offeredChannels(facts);
  const kinds = offered(facts, category === undefined ? undefined : categoryName(category));
  const always = facts.categories.filter(({ locked, titles }) => locked && Object.keys(titles).length > 0);
  const { recipient } = facts;
  const box = (field: string, value: string, on: boolean, title: string, description: string | null) =>
    html`<label><input type="checkbox" name="${field}" value="${value}" ${on ? 'checked' : ''}><span><bdi>${title}</bdi></span>${
      description === null ? '' : html`<small><bdi>${description}</bdi></small>`
    }</label>`;
  return html`<form method="post">
${heading === null ? '' : html`<h2>${heading}</h2>`}
<input type="hidden" name="choices" value="1">
${
  kinds.length === 0
    ? ''
    : html`<fieldset><legend>${words.kinds}</legend>${kinds.map(({ name, defaultOn }) => {
        const { title, description } = shown(input, name);
        return box(
          'wanted',
          name,
          wantsCategory(recipient?.categories ?? {}, name, defaultOn),
          title,
          description,
        );
      })}</fieldset>`
}
${
  channels.length === 0
    ? ''
    : html`<fieldset><legend>${words.ways}</legend><input type="hidden" name="ways" value="1">${channels.map(
        (channel) =>
          box('way', channel, recipient?.channels[channel] !== false, words.channels[channel], null),
      )}</fieldset>`
}
${
  always.length === 0
    ? ''
    : html`<div class="always"><h2>${words.always}</h2><ul>${always.map(({ name }) => {
        const { title, description } = shown(input, name);
        return html`<li><span><bdi>${title}</bdi></span>${description === null ? '' : html`<small><bdi>${description}</bdi></small>`}</li>`;
      })}</ul></div>`
}
<p><button>${words.save}</button></p>
</form>`;
}
