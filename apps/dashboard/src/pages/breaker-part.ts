import type { BreakerState } from '@carillon/core/provider/breaker';
import type { BreakerRow } from '@carillon/db/breakers/breakers';
import { html } from 'hono/html';
import { moment } from './elements.ts';
import type { Frame, Html } from './layout.ts';

export type Deed = 'open' | 'close' | 'release';

/** "Open" and "closed" are circuit terms: the page says what they do. */
const STATES: Readonly<Record<BreakerState, { kind: string; words: string }>> = {
  closed: { kind: 'good', words: 'closed: in use' },
  open: { kind: 'bad', words: 'open: not used' },
  half_open: { kind: 'wait', words: 'half open: on trial' },
};

export function breakerBadge(breaker: BreakerRow | null): Html {
  const { kind, words } = breaker ? STATES[breaker.state] : { kind: 'mute', words: 'no worker has it yet' };
  return html`<span class="badge ${kind}">${words}</span>`;
}

export function breakerFacts({ heldBy, reason, changedAt, probeAt }: BreakerRow, now: Date): Html {
  return html`<dl class="facts">
    <div><dt>Moved by</dt><dd>${heldBy === null ? 'itself' : html`${heldBy} <span class="env">held</span>`}</dd></div>
    <div><dt>Reason</dt><dd>${reason ?? html`<span class="none">-</span>`}</dd></div>
    <div><dt>Since</dt><dd>${moment(changedAt, now)}</dd></div>
    ${probeAt === null ? '' : html`<div><dt>Next probe</dt><dd>${moment(probeAt, now)}</dd></div>`}
  </dl>`;
}

/** The notices after a breaker was changed by hand. */
export function breakerTold({ account, state, heldBy }: BreakerRow): string {
  if (heldBy !== null) {
    return state === 'open'
      ? `${account} is held open: workers stop using it within seconds.`
      : `${account} is held closed: workers use it whatever fails.`;
  }
  return state === 'open'
    ? `${account} moves by itself again: it is probed now and used when it answers.`
    : `${account} moves by itself again.`;
}

/** One reason, up to three buttons. The current hold is not offered again. */
export function holdForm({ account, state, heldBy }: BreakerRow, { formToken }: Frame): Html {
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
