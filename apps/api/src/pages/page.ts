import { hash } from 'node:crypto';
import { type Brand, DEFAULT_COLOR, type Palette, paletteOf } from '@carillon/core/recipient/brand';
import { isRightToLeft, type PageLanguage } from '@carillon/core/recipient/page-words';
import { html, raw } from 'hono/html';

/** A page for recipients: no script, no cookie, nothing from elsewhere but the logo of the app. */
export interface Page {
  language: PageLanguage;
  title: string;
  /** Whose page it is; null where that is not known. */
  app: { name: string; brand: Brand | null } | null;
  body: unknown;
}

/** The text of a page and the headers that belong to it. */
export interface RenderedPage {
  text: string;
  headers: Record<string, string>;
}

export function renderPage({ language, title, app, body }: Page): RenderedPage {
  const brand = app?.brand ?? {};
  const name = brand.name ?? app?.name ?? null;
  const style = styleOf(brand.color ?? DEFAULT_COLOR);
  const logo = brand.logo_url ?? null;
  const direction = isRightToLeft(language) ? 'rtl' : 'ltr';
  // The style stands alone in its element: the policy names it by its hash.
  const text = String(
    html`<!doctype html><html lang="${language}" dir="${direction}"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1"><meta name="color-scheme" content="light dark">
<title>${name === null ? title : `${title} · ${name}`}</title><style>${raw(style)}</style></head><body>
${name === null ? '' : html`<header>${logo === null ? html`<span dir="auto">${name}</span>` : html`<img src="${logo}" alt="${name}">`}</header>`}
<main>${body}</main></body></html>`,
  );
  return { text, headers: headersOf(style, logo) };
}

/** @param logo https, as checked when the brand was stored. */
function headersOf(style: string, logo: string | null): Record<string, string> {
  const policy = [
    "default-src 'none'",
    `style-src 'sha256-${hash('sha256', style, 'base64')}'`,
    // The origin has nothing that could end a directive.
    ...(logo === null ? [] : [`img-src ${new URL(logo).origin}`]),
    "form-action 'self'",
    "frame-ancestors 'none'",
    "base-uri 'none'",
  ];
  return {
    'Content-Type': 'text/html; charset=utf-8',
    'Content-Security-Policy': policy.join('; '),
    'Referrer-Policy': 'no-referrer',
    'Cache-Control': 'no-store',
    'X-Robots-Tag': 'noindex',
    'X-Content-Type-Options': 'nosniff',
    Vary: 'Accept, Accept-Language',
  };
}

function styleOf(color: string): string {
  return `
:root { ${variables(paletteOf(color, 'light'))} color-scheme: light dark; font: 1rem/1.5 system-ui, sans-serif; }
@media (prefers-color-scheme: dark) { :root { ${variables(paletteOf(color, 'dark'))} } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--page); color: var(--text); overflow-wrap: anywhere; }
header, main { max-width: 34rem; margin-inline: auto; padding-inline: 1.25rem; }
header { padding-block: 2rem 1rem; font-weight: 600; font-size: 1.1rem; }
header img { display: block; max-width: 100%; max-height: 4rem; }
main { padding-block: 1rem 4rem; }
h1 { font-size: 1.5rem; line-height: 1.25; margin: 0 0 1rem; }
h2, legend { font-size: 1.1rem; font-weight: 600; margin: 0; padding: 0; }
form + form { margin-block-start: 2.5rem; }
fieldset { border: 0; margin: 0 0 1.5rem; padding: 0; min-width: 0; }
fieldset, .always { border-block-start: 1px solid var(--line); padding-block-start: 1rem; margin-block-start: 2rem; }
legend { float: inline-start; width: 100%; margin-block-end: .5rem; }
label { clear: both; display: grid; grid-template-columns: auto 1fr; gap: .25rem .75rem; align-items: start; padding-block: .6rem; cursor: pointer; }
label small, li small { grid-column: 2; display: block; color: var(--muted); font-size: .9rem; }
input[type=checkbox] { inline-size: 1.35rem; block-size: 1.35rem; margin: .1rem 0 0; accent-color: var(--accent); }
ul { margin: .5rem 0 0; padding: 0; list-style: none; }
li { padding-block: .4rem; }
table { width: 100%; border-collapse: collapse; clear: both; }
th { font-weight: 400; text-align: start; padding-block: .6rem; }
thead th { font-size: .9rem; text-align: center; vertical-align: bottom; padding-inline: .25rem; min-inline-size: 3.5rem; }
tbody tr + tr { border-block-start: 1px solid var(--line); }
th small { display: block; color: var(--muted); font-size: .9rem; }
tbody td { text-align: center; vertical-align: top; padding-block: .6rem; }
td label { display: block; padding: 0; }
td input[type=checkbox] { margin: 0; }
.unseen { position: absolute; inline-size: 1px; block-size: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
label.field { display: block; }
input[type=date] { font: inherit; color: inherit; background: var(--page); min-block-size: 2.75rem; padding: .4rem .6rem; border: 1px solid var(--muted); border-radius: .5rem; }
p small, .always > small { display: block; color: var(--muted); font-size: .9rem; margin-block-start: .4rem; }
button { font: inherit; font-weight: 600; min-block-size: 2.75rem; padding: .6rem 1.4rem; border: 1px solid var(--line); border-radius: .5rem; background: var(--fill); color: var(--on-fill); cursor: pointer; }
a { color: var(--accent); }
:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; }
[role=status] { border-inline-start: 4px solid var(--accent); padding: .5rem 1rem; margin: 0 0 1.5rem; }
`;
}

function variables({ page, text, muted, line, fill, onFill, accent }: Palette): string {
  return `--page: ${page}; --text: ${text}; --muted: ${muted}; --line: ${line}; --fill: ${fill}; --on-fill: ${onFill}; --accent: ${accent};`;
}
