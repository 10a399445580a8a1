import type { ChannelContent, SentContent } from '@carillon/core/notification/sent-content';
import { html } from 'hono/html';
import { label } from './elements.ts';
import type { Html } from './layout.ts';
import { messageFrame } from './problem.ts';

export interface ContentView {
  notification: { id: string };
  /** What was sent, if this person requested it; null before. */
  content: SentContent | null;
  /** Whether this person may request it. */
  readsContent: boolean;
}

/** The message as given to the provider. Shown on request only, because each reading is audited. */
export function contentCard({ notification, content, readsContent }: ContentView): Html | '' {
  if (!readsContent) return '';
  return html`<section class="card content" id="content-of" aria-labelledby="content-title">
  <h2 id="content-title">Content</h2>
  ${
    content === null
      ? html`<p class="muted">What was sent is personal: reading it is recorded in the audit log.</p><p><a class="button" href="/notifications/${notification.id}?show=content#content-of">Show what was sent</a></p>`
      : content.unavailable
        ? html`<p>${content.unavailable.detail}</p>`
        : content.contents.map(one)
  }
</section>`;
}

function one(content: ChannelContent): Html {
  const { channel, attempt, locale, problem, subject, text, html: markup, title, body, url } = content;
  const call = attempt ? `attempt ${attempt.n}, ${attempt.account}` : 'given to no provider';
  if (problem) {
    return html`<h3>${label(channel)} <span class="muted">${call}</span></h3><p>It could not be rendered, so nothing was sent: ${problem.message}</p>`;
  }
  return html`<h3>${label(channel)} <span class="muted">${call}${locale === null ? '' : `, ${locale}`}</span></h3>
  ${content.headers ? html`<pre class="mono" aria-label="Headers">${headerLines(content.headers)}</pre>` : ''}
  ${subject === undefined && title === undefined ? '' : html`<p><strong>${subject ?? title}</strong></p>`}
  ${markup === undefined ? '' : html`${messageFrame(markup, 'HTML of the e-mail')}${note(content)}`}
  ${text === undefined ? '' : html`<pre aria-label="Text">${text}</pre>`}
  ${body === undefined ? '' : html`<pre aria-label="Body">${body}</pre>`}
  ${url === undefined ? '' : html`<p class="mono">${url}</p>`}
  ${content.sms ? html`<p class="muted">${content.sms.segments} ${content.sms.segments === 1 ? 'segment' : 'segments'}, ${content.sms.units} units, ${content.sms.encoding === 'gsm7' ? 'GSM 7' : 'UCS-2'}</p>` : ''}
  ${content.options ? html`<pre class="mono" aria-label="Push options">${JSON.stringify(content.options, null, 1)}</pre>` : ''}`;
}

function headerLines(headers: Readonly<Record<string, string>>): string {
  return Object.entries(headers)
    .map(([name, value]) => `${name}: ${value}`)
    .join('\n');
}

function note({ tracking }: ChannelContent): Html {
  const counted = tracking?.opens || tracking?.clicks;
  return html`<p class="muted">Without remote pictures and scripts; links lead nowhere here.${counted ? ' Its category tracks opens or clicks: the sent mail had a pixel or counted links, which are left out.' : ''}</p>`;
}
