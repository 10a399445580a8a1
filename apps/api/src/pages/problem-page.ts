import { acceptedLanguages, PAGE_WORDS, pageLanguage } from '@carillon/core/recipient/page-words';
import type { ProblemError } from '@carillon/core/text/problem';
import type { Context } from 'hono';
import { html } from 'hono/html';
import { type RenderedPage, renderPage } from './page.ts';

/** Pages that people see. */
const PAGES = /^\/v1\/(?:unsubscribe|preferences)\//;

/** Whether a refusal is a page instead of JSON: a browser asked for one of the pages that people see. */
export function wantsPage(c: Context): boolean {
  return PAGES.test(c.req.path) && /\btext\/html\b/i.test(c.req.header('accept') ?? '');
}

/** The page of a refusal: a damaged link, or a moment in which it cannot be done. It names nothing technical. */
export function problemPage(c: Context, { status }: ProblemError): RenderedPage {
  const language = pageLanguage(acceptedLanguages(c.req.header('accept-language')));
  const words = PAGE_WORDS[language];
  const isDamaged = status === 404 || status === 422 || status === 414;
  const [title, text] = isDamaged ? [words.damaged, words.damagedText] : [words.busy, words.busyText];
  return renderPage({ language, title, app: null, body: html`<h1>${title}</h1><p>${text}</p>` });
}
