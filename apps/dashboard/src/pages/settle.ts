import type { GuaranteeClass } from '@carillon/core/provider/guarantee';
import type { NotificationDetail } from '@carillon/db/notifications/dashboard-read-notification';
import { html } from 'hono/html';
import { MEANING } from '../notifications/guarantee-of.ts';
import { isDoubtful, type Resolutions } from '../notifications/resolutions.ts';
import { moment } from './elements.ts';
import type { Frame, Html } from './layout.ts';

export interface SettleView {
  frame: Frame;
  notification: NotificationDetail;
  /** The actions available to this person now. */
  ways: Resolutions;
  /** Of the account whose call is in doubt; null if unknown. */
  guarantee: GuaranteeClass | null;
  now: Date;
}

/**
 * For a notification that may have arrived: the known facts, what happens automatically, and the manual resolutions.
 */
export function settleCard(view: SettleView): Html | '' {
  const { notification, ways, guarantee } = view;
  if (!isDoubtful(notification)) return '';
  return html`<section class="card settle" aria-labelledby="settle-title">
  <h2 id="settle-title">${notification.state === 'in_doubt' ? 'Settle this doubt' : 'It may have arrived'}</h2>
  <p>${outlook(view)} The timeline below holds the evidence so far.</p>
  ${guarantee ? html`<p class="muted">${notification.provider} is of class ${guarantee}. ${MEANING[guarantee]}</p>` : ''}
  ${ways.markSent || ways.sendAgain ? html`<div class="choices">${ways.markSent ? markSentForm(view) : ''}${ways.sendAgain ? sendAgainForm(view) : ''}</div>` : ''}
</section>`;
}

function outlook({ notification, now }: SettleView): Html | string {
  const { state, nextAttemptAt } = notification;
  if (state !== 'in_doubt') return 'Nothing more is sent by itself.';
  if (nextAttemptAt === null) return 'It waits for a person; a late receipt may still settle it.';
  return html`Evidence is still looked for, next ${moment(nextAttemptAt, now)}.`;
}

function markSentForm({ frame, notification }: SettleView): Html {
  return html`<form method="post" action="/notifications/${notification.id}/mark-sent">
    <input type="hidden" name="token" value="${frame.formToken}">
    <div class="field"><label for="provider-message-id">Message id at the provider, if you have it</label><input id="provider-message-id" name="provider_message_id" class="mono" maxlength="255" autocomplete="off"></div>
    <div class="field"><label for="note">How you know, for the timeline</label><input id="note" name="note" maxlength="500" autocomplete="off"></div>
    <button class="primary" type="submit">Mark as sent</button>
  </form>`;
}

function sendAgainForm({ frame, notification }: SettleView): Html {
  return html`<form method="post" action="/notifications/${notification.id}/retry">
    <input type="hidden" name="token" value="${frame.formToken}">
    <label class="check"><input type="checkbox" name="accept_duplicate_risk" value="yes" required> <span>I know that it may arrive twice</span></label>
    <button type="submit">Send again (may arrive twice)</button>
  </form>`;
}
