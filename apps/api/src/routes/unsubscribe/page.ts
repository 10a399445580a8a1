import type { Choice } from '@carillon/db/preferences/preferences';
import { html, raw } from 'hono/html';

/** The page behind the unsubscribe link of an e-mail: no script, no cookie, no external resources. */
const STYLE = `
  :root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif; }
  body { max-width: 32rem; margin: 12vh auto; padding: 0 1.25rem; }
  h1 { font-size: 1.4rem; }
  button { font: inherit; padding: .6rem 1.2rem; border: 0; border-radius: .4rem; background: #1f4fd8; color: #fff; cursor: pointer; }
  label { display: flex; gap: .6rem; padding: .5rem 0; }
  form + form { margin-top: 2.5rem; }
`;

export const PAGE_HEADERS = {
  'Content-Type': 'text/html; charset=utf-8',
  'Content-Security-Policy':
    "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
  'Referrer-Policy': 'no-referrer',
  'Cache-Control': 'no-store',
  'X-Robots-Tag': 'noindex',
} as const;

export function askPage(action: string, category: string, choices: readonly Choice[] | null): string {
  return page(
    'Unsubscribe',
    html`<h1>Unsubscribe from “${category}”?</h1>
      <form method="post" action="${action}">
        <input type="hidden" name="List-Unsubscribe" value="One-Click">
        <button>Unsubscribe</button>
      </form>
      ${choices === null ? '' : choicesForm(action, choices)}`,
  );
}

export function donePage(title: string, text: string): string {
  return page(title, html`<h1>${title}</h1><p>${text}</p>`);
}

function choicesForm(action: string, choices: readonly Choice[]) {
  return html`<form method="post" action="${action}">
    <h2>Or choose what you want to get</h2>
    <input type="hidden" name="choices" value="1">
    ${choices.map(
      ({ category, wanted }) =>
        html`<label><input type="checkbox" name="wanted" value="${category}" ${wanted ? 'checked' : ''}>${category}</label>`,
    )}
    <button>Save</button>
  </form>`;
}

function page(title: string, body: unknown): string {
  return String(
    html`<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
      <title>${title}</title><style>${raw(STYLE)}</style><body>${body}</body></html>`,
  );
}
