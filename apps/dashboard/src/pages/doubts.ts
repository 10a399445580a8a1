import type { DeliveryPolicy } from '@carillon/core/notification/delivery-policy';
import type { ListedDoubt } from '@carillon/db/doubts/list-doubts';
import { html } from 'hono/html';
import { addressesOf } from '../notifications/addresses.ts';
import { listPath } from '../notifications/list-filter.ts';
import { maskText } from '../notifications/mask.ts';
import { ago, label, moment, priorityMark } from './elements.ts';
import { type Frame, type Html, staffPage } from './layout.ts';
import { type Pulse, pulseHead } from './pulse.ts';

export interface DoubtsView {
  frame: Frame;
  pulse: Pulse;
  rows: readonly ListedDoubt[];
  /** Whether there are more than are shown. */
  more: boolean;
  seesAddresses: boolean;
  now: Date;
}

/** What happens automatically when no evidence arrives. */
const POLICIES: Readonly<Record<DeliveryPolicy, string>> = {
  resolve: 'resolve',
  at_least_once: 'rather twice than not',
  at_most_once: 'rather not than twice',
  ask: 'ask a person',
};

export function doubtsPage(view: DoubtsView): Html {
  const { frame, pulse, rows, more } = view;
  const held = rows.filter((row) => row.nextAttemptAt === null).length;
  return staffPage(
    'Doubts',
    { ...frame, current: 'doubts' },
    html`${pulseHead(pulse, false)}
<section aria-labelledby="list-title">
  <div class="title-line">
    <h1 id="list-title">Doubts</h1>
    <span class="muted">${held === 0 ? 'none waits for a person' : `${held}${more && held === rows.length ? ' or more' : ''} for a person`}, oldest first, times in UTC</span>
  </div>
  ${rows.length === 0 ? empty() : table(view)}
  ${more ? html`<p class="muted more">These are the first ${rows.length}; what is settled makes room. <a href="${listPath({ state: 'in_doubt' })}">All of them, newest first</a></p>` : ''}
</section>`,
  );
}

function table(view: DoubtsView): Html {
  return html`<div class="card scroll"><table class="list">
    <thead><tr><th scope="col">Settled</th><th scope="col">Recipient</th><th scope="col">Message</th><th scope="col">Provider</th><th scope="col">Policy</th><th scope="col">In doubt since</th></tr></thead>
    <tbody>${view.rows.map((row) => line(row, view))}</tbody>
  </table></div>`;
}

function line(row: ListedDoubt, { seesAddresses, now }: DoubtsView): Html {
  const recipient = row.recipientId ?? '';
  const [address] = addressesOf(row.address, [], seesAddresses);
  return html`
      <tr>
        <td>${row.nextAttemptAt === null ? html`<span class="badge doubt">by a person</span>` : html`<span class="badge wait">by itself</span><span class="under">next look ${nextLook(row.nextAttemptAt, now)}</span>`}</td>
        <td class="who-cell"><a class="row-link" href="/notifications/${row.id}">${address?.text ?? (seesAddresses ? recipient : maskText(recipient))}</a>${address && recipient ? html`<span class="under">${seesAddresses ? recipient : maskText(recipient)}</span>` : ''}</td>
        <td>${row.templateKey ?? html`<span class="muted">inline content</span>`}<span class="under">${row.appName}${row.environment === 'test' ? html` <span class="env">test</span>` : ''}${row.category ? ` · ${row.category}` : ''}</span></td>
        <td>${row.provider ?? '-'}<span class="under">${label(row.channel)} ${priorityMark(row.priority)}${row.errorCode ? ` · ${row.errorCode}` : ''}</span></td>
        <td>${POLICIES[row.policy]}</td>
        <td class="when">${moment(row.since, now)}</td>
      </tr>`;
}

function nextLook(at: Date, now: Date): Html {
  return html`<time datetime="${at.toISOString()}">${at > now ? ago(at, now) : 'due'}</time>`;
}

function empty(): Html {
  return html`<div class="card empty"><p><strong>Nothing is in doubt.</strong></p><p class="muted">A notification whose provider may or may not have taken it appears here until evidence, its policy or a person settles it.</p></div>`;
}
