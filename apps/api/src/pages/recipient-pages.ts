import { categoryName } from '@carillon/core/provider/visible-text';
import { worded } from '@carillon/core/recipient/page-words';
import { html } from 'hono/html';
import { choicesForm } from './choices-form.ts';
import { type RenderedPage, renderPage } from './page.ts';
import { begun, type PageInput, shown } from './page-input.ts';

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

function isLocked({ facts }: PageInput, category: string): boolean {
  const name = categoryName(category);
  return facts?.categories.some((each) => each.locked && categoryName(each.name) === name) ?? false;
}
