import type { BreakerState } from '@carillon/core/breaker';
import type { BreakerRow } from '@carillon/db/queries/list-breakers';
import { html } from 'hono/html';
import { type Frame, type Html, staffPage } from './layout.ts';
import { label, moment } from './pieces.ts';

export type Deed = 'open' | 'close' | 'release';

export interface ProvidersView {
  frame: Frame;
  rows: readonly BreakerRow[];
  mayHold: boolean;
  /** The one that was just moved by hand. */
  changed: BreakerRow | null;
  /** A hold was refused for want of a reason. */
  unexplained: boolean;
  now: Date;
}

/** Open and closed are an electrician's words: the page says what they do. */
const STATES: Readonly<Record<BreakerState, { kind: string; words: string }>> = {
  closed: { kind: 'good', words: 'closed: in use' },
  open: { kind: 'bad', words: 'open: not used' },
  half_open: { kind: 'wait', words: 'half open: on trial' },
};

export function providersPage(view: ProvidersView): Html {
  const { frame, rows, changed, unexplained } = view;
  return staffPage(
    'Providers',
    { ...frame, current: 'providers' },
    html`<div class="title-line">
  <h1>Providers</h1><span class="muted">accounts of all workers and their breakers, times in UTC</span>
</div>
${unexplained ? html`<p class="notice bad" role="status">Nothing was changed: say why, for whoever finds it held.</p>` : ''}
${changed ? html`<p class="notice good" role="status">${told(changed)}</p>` : ''}
${
  rows.length === 0
    ? html`<div class="card empty"><p><strong>No provider account yet.</strong></p><p class="muted">Workers enter theirs when they start.</p></div>`
    : html`<div class="accounts">${rows.map((row) => card(row, view))}</div>`
}`,
  );
}

function told({ account, state, heldBy }: BreakerRow): string {
  if (heldBy !== null) {
    return state === 'open'
      ? `${account} is held open: workers stop using it within seconds.`
      : `${account} is held closed: workers use it whatever fails.`;
  }
  return state === 'open'
    ? `${account} moves by itself again: it is probed now and used when it answers.`
    : `${account} moves by itself again.`;
}

function card(row: BreakerRow, { frame, mayHold, now }: ProvidersView): Html {
  const { kind, words } = STATES[row.state];
  const title = `account-${row.account}`;
  return html`<article class="card account" aria-labelledby="${title}">
  <div class="title-line"><h2 id="${title}">${row.account}</h2><span class="muted">${label(row.channel)}</span><span class="badge ${kind} push-right">${words}</span></div>
  <dl class="facts">
    <div><dt>Moved by</dt><dd>${row.heldBy === null ? 'itself' : html`${row.heldBy} <span class="env">held</span>`}</dd></div>
    <div><dt>Reason</dt><dd>${row.reason ?? html`<span class="none">-</span>`}</dd></div>
    <div><dt>Since</dt><dd>${moment(row.changedAt, now)}</dd></div>
    ${row.probeAt === null ? '' : html`<div><dt>Next probe</dt><dd>${moment(row.probeAt, now)}</dd></div>`}
  </dl>
  ${mayHold ? holdForm(row, frame) : ''}
</article>`;
}

/** One reason, up to three buttons. What is held already is not offered again. */
function holdForm({ account, state, heldBy }: BreakerRow, { formToken }: Frame): Html {
  const at = `/providers/${encodeURIComponent(account)}`;
  const field = `reason-${account}`;
  const held = heldBy !== null;
  return html`<form class="hold" method="post" action="${at}/${held ? 'release' : state === 'open' ? 'close' : 'open'}">
    <input type="hidden" name="token" value="${formToken}">
    <div class="field"><label for="${field}">Reason</label><input id="${field}" name="reason" required maxlength="500" autocomplete="off"></div>
    <div class="buttons">
      ${held && state === 'open' ? '' : html`<button type="submit" formaction="${at}/open">Open <span class="muted">stop using it</span></button>`}
      ${held && state === 'closed' ? '' : html`<button type="submit" formaction="${at}/close">Close <span class="muted">use it</span></button>`}
      ${held ? html`<button class="primary" type="submit" formaction="${at}/release" formnovalidate>Release</button>` : ''}
    </div>
  </form>`;
}
