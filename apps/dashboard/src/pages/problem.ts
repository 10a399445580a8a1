import { html } from 'hono/html';
import { documentOf, type Html } from './layout.ts';

/** A page that says what went wrong and where to go; it needs no session, no database and no Redis. */
export function problemPage(title: string, text: string): Html {
  return documentOf(
    title,
    html`<main class="login"><div class="card"><h1>${title}</h1><p>${text}</p><p><a class="button" href="/">To the notifications</a></p></div></main>`,
  );
}
