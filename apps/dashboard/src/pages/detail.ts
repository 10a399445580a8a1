import type { State } from '@carillon/core/notification/states';
import { html } from 'hono/html';
import { addressesOf } from '../notifications/addresses.ts';
import { listPath } from '../notifications/list-filter.ts';
import { maskText } from '../notifications/mask.ts';
import { isDoubtful } from '../notifications/resolutions.ts';
import { timelineOf } from '../notifications/timeline.ts';
import { type ContentView, contentCard } from './content.ts';
import { label, moment, priorityMark, stateBadge, utc } from './elements.ts';
import { type Html, staffPage } from './layout.ts';
import { cancelForm, rescheduleForm } from './move.ts';
import { type Pulse, pulseHead } from './pulse.ts';
import { type SettleView, settleCard } from './settle.ts';

export interface DetailView extends SettleView, Omit<ContentView, 'notification'> {
  pulse: Pulse;
  seesAddresses: boolean;
  /** A notice about the last action, shown once. */
  notice: { text: string; tone: 'good' | 'bad' } | null;
}

export function detailPage(view: DetailView): Html {
  const { frame, pulse, notification, ways, notice } = view;
  const title = notification.templateKey ?? 'Inline content';
  return staffPage(
    title,
    frame,
    html`${pulseHead(pulse, false)}
<nav class="trail" aria-label="Where you are"><a href="/">Notifications</a> <span aria-hidden="true">/</span> <span class="id">${notification.id}</span></nav>
${notice ? html`<p class="notice ${notice.tone}" role="status">${notice.text}</p>` : ''}
<div class="title-line">
  <h1>${title}</h1>${stateBadge(notification.state)}
  ${ways.cancel ? cancelForm(view) : ''}${
    ways.retry
      ? html`<form class="push-right" method="post" action="/notifications/${notification.id}/retry">
    <input type="hidden" name="token" value="${frame.formToken}">
    <button class="primary" type="submit">Retry</button>
  </form>`
      : ''
  }
</div>
${problemOf(view)}
${settleCard(view)}
${ways.reschedule ? rescheduleForm(view) : ''}
${contentCard(view)}
<div class="columns">
  <section class="card" aria-labelledby="facts-title"><h2 id="facts-title">Facts</h2>${facts(view)}</section>
  <section class="card" aria-labelledby="timeline-title"><h2 id="timeline-title">Timeline <span class="muted">UTC</span></h2>${timeline(view)}</section>
</div>
<section class="card scroll" aria-labelledby="attempts-title"><h2 id="attempts-title">Attempts</h2>${attempts(view)}</section>`,
  );
}

const MEANING: Readonly<Partial<Record<State, string>>> = {
  dead: 'Every attempt was used up. A retry starts a new cycle.',
  failed: 'The failure is permanent: without a change elsewhere a retry will fail again.',
};

/** The last error in words, and an explanation of the states that need a person. */
function problemOf({ notification, seesAddresses }: DetailView): Html | '' {
  const { state, error, errorCode } = notification;
  const meaning = isDoubtful(notification)
    ? 'The provider may or may not have taken it. It is never sent again blindly.'
    : MEANING[state];
  if (!meaning) return '';
  const words = [errorCode, error].filter((part) => part !== null).join(': ');
  return html`<div class="notice ${state === 'in_doubt' ? 'doubt' : 'bad'}"><p>${meaning}</p>${words ? html`<p class="mono">${seesAddresses ? words : maskText(words)}</p>` : ''}</div>`;
}

function facts({ notification: n, seesAddresses, now }: DetailView): Html {
  const shown = (text: string): string => (seesAddresses ? text : maskText(text));
  const addresses = addressesOf(n.address, n.contactPoints, seesAddresses);
  return html`<dl class="facts">
    ${fact('App', html`${n.appName} <span class="env">${n.environment}</span>`)}
    ${fact('Recipient', n.recipientId ? (seesAddresses ? html`<a href="${listPath({ recipient: n.recipientId })}">${n.recipientId}</a>` : maskText(n.recipientId)) : null)}
    ${fact('Address', addresses.length > 0 ? addresses.map((a) => html`<span class="line">${a.text} <span class="muted">${label(a.kind)}${a.disabledReason ? `, disabled: ${shown(a.disabledReason)}` : ''}</span></span>`) : null)}
    ${fact('Channel', html`${label(n.channel)} ${priorityMark(n.priority)}`)}
    ${fact('Route', n.route.length > 1 ? n.route.map(label).join(' → ') : null)}
    ${fact('Template', n.templateKey ? `${n.templateKey}, version ${n.templateVersion}${n.locale ? `, ${n.locale}` : ''}` : 'inline content')}
    ${fact('Category', n.category)}
    ${fact('Provider', n.provider)}
    ${fact('Provider id', n.providerMessageId ? html`<span class="mono">${n.providerMessageId}</span>` : null)}
    ${fact('Idempotency key', html`<span class="mono">${shown(n.idempotencyKey)}</span>`)}
    ${fact('Ordering key', n.orderingKey ? shown(n.orderingKey) : null)}
    ${fact('Campaign', n.campaignId)}
    ${fact('Attempts', n.attemptCount > 0 ? `${n.attemptCount} in all, tries in this cycle: ${n.tries}` : null)}
    ${fact('Accepted', moment(n.createdAt, now))}
    ${fact('Send at', n.sendAt && moment(n.sendAt, now))}
    ${fact('Due', n.nextAttemptAt && moment(n.nextAttemptAt, now))}
    ${fact('Expires', n.expiresAt && moment(n.expiresAt, now))}
    ${fact('Lease until', n.leaseUntil && moment(n.leaseUntil, now))}
    ${fact('Changed', moment(n.updatedAt, now))}
  </dl>`;
}

function fact(name: string, value: Html | string | (Html | string)[] | null): Html | '' {
  return value === null ? '' : html`<div><dt>${name}</dt><dd>${value}</dd></div>`;
}

function timeline({ notification, seesAddresses }: DetailView): Html {
  return html`<ol class="timeline">${timelineOf(notification).map(
    (entry) => html`
    <li class="${entry.tone}">
      <time datetime="${entry.at.toISOString()}">${utc(entry.at)}<span class="muted">.${entry.at.toISOString().slice(20, 23)}</span></time>
      <p><strong>${seesAddresses ? entry.title : maskText(entry.title)}</strong> ${entry.state ? stateBadge(entry.state) : ''}</p>
      ${entry.detail ? html`<p class="muted">${seesAddresses ? entry.detail : maskText(entry.detail)}</p>` : ''}
    </li>`,
  )}</ol>`;
}

function attempts({ notification, seesAddresses, now }: DetailView): Html {
  if (notification.attempts.length === 0) {
    return html`<div class="empty"><p class="muted">No provider has been called yet.</p></div>`;
  }
  return html`<table class="attempts">
    <thead><tr><th scope="col">#</th><th scope="col">Outcome</th><th scope="col">Provider</th><th scope="col">Error</th><th scope="col">Latency</th><th scope="col">Started</th></tr></thead>
    <tbody>${notification.attempts.map(
      (a) => html`
      <tr>
        <td class="number">${a.n}</td>
        <td>${a.outcome ? html`<span class="badge ${a.outcome === 'accepted' ? 'good' : a.outcome === 'in_doubt' ? 'doubt' : 'bad'}">${label(a.outcome)}</span>` : html`<span class="badge busy">open</span>`}<span class="under">${a.phase}</span></td>
        <td>${a.provider}<span class="under">${label(a.channel)}</span></td>
        <td class="error-cell">${a.errorCode ?? ''}${a.error ? html`<span class="under">${seesAddresses ? a.error : maskText(a.error)}</span>` : ''}${a.providerMessageId ? html`<span class="mono">${a.providerMessageId}</span>` : ''}</td>
        <td class="number">${a.latencyMs === null ? '-' : `${a.latencyMs.toLocaleString('en')} ms`}</td>
        <td class="when">${moment(a.startedAt, now)}</td>
      </tr>`,
    )}</tbody>
  </table>`;
}
