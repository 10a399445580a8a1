import { html } from 'hono/html';
import type { ChannelGroup, Entry } from '../accounts/by-channel.ts';
import { accountFacts, placingForm } from './account-part.ts';
import { breakerBadge, breakerFacts, holdForm } from './breaker-part.ts';
import { label } from './elements.ts';
import { type Frame, type Html, staffPage } from './layout.ts';
import { type Notice, noticeBox } from './problem.ts';

export interface ProvidersView {
  frame: Frame;
  groups: readonly ChannelGroup[];
  /** Change breakers by hand. */
  mayHold: boolean;
  /** Change accounts and their credentials. */
  mayAdminister: boolean;
  notice: Notice | null;
  /** The API's URL for providers; undefined if not configured in this process. */
  apiUrl: string | undefined;
  now: Date;
}

export function providersPage(view: ProvidersView): Html {
  const { frame, groups, mayAdminister, notice } = view;
  return staffPage(
    'Providers',
    { ...frame, current: 'providers' },
    html`<div class="title-line">
  <h1>Providers</h1><span class="muted">accounts and their breakers, by channel in the order tried, times in UTC</span>
  ${mayAdminister ? html`<a class="button push-right" href="/providers/new">New account</a>` : ''}
</div>
${noticeBox(notice)}
${
  groups.length === 0
    ? html`<div class="card empty"><p><strong>No provider account yet.</strong></p><p class="muted">Workers enter those of PROVIDERS_FILE when they start.</p></div>`
    : groups.map(
        ({ channel, entries }) => html`<section class="channel" aria-labelledby="channel-${channel}">
  <h2 id="channel-${channel}">${label(channel)}</h2>
  <div class="accounts">${entries.map((entry) => card(entry, view))}</div>
</section>`,
      )
}`,
  );
}

function card({ id, account, breaker }: Entry, view: ProvidersView): Html {
  const { frame, mayHold, mayAdminister, apiUrl, now } = view;
  const title = `account-${id}`;
  return html`<article class="card account" aria-labelledby="${title}">
  <div class="title-line"><h3 id="${title}">${id}</h3><span class="muted">${account ? account.provider : 'no such account any more'}</span>
    <span class="badges push-right">${account && !account.enabled ? html`<span class="badge bad">disabled</span>` : ''}${breakerBadge(breaker)}</span></div>
  ${account ? accountFacts(account, apiUrl) : ''}
  ${account && mayAdminister ? placingForm(account, frame) : ''}
  ${breaker ? html`<h4 class="muted">Breaker</h4>${breakerFacts(breaker, now)}` : ''}
  ${breaker && mayHold ? holdForm(breaker, frame) : ''}
</article>`;
}
