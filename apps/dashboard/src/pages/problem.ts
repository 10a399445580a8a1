import { html } from 'hono/html';
import { documentOf, type Html } from './layout.ts';

/** An error page with a link to continue; it needs no session, no database and no Redis. */
export function problemPage(title: string, text: string): Html {
  return documentOf(
    title,
    html`<main class="login"><div class="card"><h1>${title}</h1><p>${text}</p><p><a class="button" href="/">To the notifications</a></p></div></main>`,
  );
}

/** A notice about the last action, shown once at the top of a page. */
export interface Notice {
  text: string;
  tone: 'good' | 'bad';
}

export function noticeBox(notice: Notice | null): Html | '' {
  return notice ? html`<p class="notice ${notice.tone}" role="status">${notice.text}</p>` : '';
}

/** Placed before the content of an e-mail: it can only narrow the policy of the page, which the frame inherits. */
const POLICY =
  "default-src 'none'; style-src 'unsafe-inline'; img-src data:; form-action 'none'; base-uri 'none'";

/**
 * The HTML of a message in a separate frame: no scripts, forms, plug-ins or origin, no external resources (remote
 * images would report to the sender that it was read), and no navigation of the page.
 *
 * @param message any HTML, well-formed or not.
 */
export function messageFrame(message: string, title: string): Html {
  const document = `<!doctype html><meta charset="utf-8"><meta http-equiv="Content-Security-Policy" content="${POLICY}"><meta name="referrer" content="no-referrer"><meta name="color-scheme" content="light">${message}`;
  return html`<iframe sandbox="" referrerpolicy="no-referrer" loading="lazy" title="${title}" srcdoc="${document}"></iframe>`;
}
