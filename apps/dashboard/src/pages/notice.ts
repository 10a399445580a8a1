import { html } from 'hono/html';
import type { Html } from './layout.ts';

/** What just happened, told once at the head of a page. */
export interface Notice {
  text: string;
  tone: 'good' | 'bad';
}

export function noticeBox(notice: Notice | null): Html | '' {
  return notice ? html`<p class="notice ${notice.tone}" role="status">${notice.text}</p>` : '';
}
