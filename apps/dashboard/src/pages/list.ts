import { CHANNELS } from '@carillon/core/notification/channel';
import { PRIORITIES } from '@carillon/core/notification/priority';
import { STATES } from '@carillon/core/notification/states';
import type { ListedNotification } from '@carillon/db/notifications/dashboard-list-notifications';
import { html } from 'hono/html';
import { addressesOf } from '../notifications/addresses.ts';
import { listPath, type ShownFilter } from '../notifications/list-filter.ts';
import { maskText } from '../notifications/mask.ts';
import { label, moment, priorityMark, stateBadge } from './elements.ts';
import { type Frame, type Html, staffPage } from './layout.ts';
import { type Pulse, pulseHead } from './pulse.ts';

export interface ListView {
  frame: Frame;
  pulse: Pulse;
  rows: readonly ListedNotification[];
  filter: ShownFilter;
  /** True on any page but the first. */
  paged: boolean;
  /** Cursor of the next older page; null on the last. */
  older: string | null;
  seesAddresses: boolean;
  now: Date;
}

export function listPage(view: ListView): Html {
  const { frame, pulse, rows, filter, paged, older } = view;
  const filtered = Object.values(filter).some((value) => value !== undefined);
  return staffPage(
    'Notifications',
    { ...frame, current: 'notifications' },
    html`${pulseHead(pulse, true)}
<section aria-labelledby="list-title">
  <div class="title-line">
    <h1 id="list-title">Notifications</h1>
    <span class="muted">${paged ? 'older' : 'newest first'}, times in UTC</span>
  </div>
  ${filterForm(filter, filtered)}
  ${rows.length === 0 ? emptyList(filtered, paged, older !== null) : table(view)}
  <nav class="pages" aria-label="Pages">
    ${paged ? html`<a class="button" href="${listPath(filter)}">Newest</a>` : ''}
    ${older ? html`<a class="button" rel="next" href="${listPath(filter, older)}">Older</a>` : ''}
  </nav>
</section>`,
  );
}

function filterForm(filter: ShownFilter, filtered: boolean): Html {
  return html`<form class="filter card" method="get" action="/" role="search" aria-label="Filter notifications">
    ${choice('status', 'Status', STATES, filter.state)}
    ${choice('channel', 'Channel', CHANNELS, filter.channel)}
    ${choice('priority', 'Priority', PRIORITIES, filter.priority)}
    <div class="field wide"><label for="recipient">Recipient, address or notification id</label>
      <input id="recipient" name="recipient" type="search" autocomplete="off" maxlength="512" value="${filter.recipient ?? ''}"></div>
    <div class="field actions"><button class="primary" type="submit">Show</button>${filtered ? html`<a class="button" href="/">Clear</a>` : ''}</div>
  </form>`;
}

function choice(name: string, title: string, values: readonly string[], chosen: string | undefined): Html {
  return html`<div class="field"><label for="${name}">${title}</label>
      <select id="${name}" name="${name}"><option value="">any</option>${values.map(
        (value) =>
          html`<option value="${value}" ${value === chosen ? html`selected` : ''}>${label(value)}</option>`,
      )}</select></div>`;
}

function table(view: ListView): Html {
  return html`<div class="card scroll"><table class="list">
    <thead><tr><th scope="col">Status</th><th scope="col">Recipient</th><th scope="col">Message</th><th scope="col">Channel</th><th scope="col">Tries</th><th scope="col">Accepted</th></tr></thead>
    <tbody>${view.rows.map((row) => line(row, view))}</tbody>
  </table></div>`;
}

function line(row: ListedNotification, { seesAddresses, now }: ListView): Html {
  const recipient = row.recipientId ?? '';
  const [address] = addressesOf(row.address, [], seesAddresses);
  return html`
      <tr>
        <td>${stateBadge(row.state)}${row.errorCode && row.state !== 'sent' && row.state !== 'delivered' ? html`<span class="under">${row.errorCode}</span>` : ''}</td>
        <td class="who-cell"><a class="row-link" href="/notifications/${row.id}">${address?.text ?? (seesAddresses ? recipient : maskText(recipient))}</a>${address && recipient ? html`<span class="under">${seesAddresses ? recipient : maskText(recipient)}</span>` : ''}</td>
        <td>${row.templateKey ?? html`<span class="muted">inline content</span>`}<span class="under">${row.appName}${row.environment === 'test' ? html` <span class="env">test</span>` : ''}${row.category ? ` · ${row.category}` : ''}</span></td>
        <td>${label(row.channel)}<span class="under">${priorityMark(row.priority)}</span></td>
        <td class="number">${row.attemptCount}${row.provider ? html`<span class="under">${row.provider}</span>` : ''}</td>
        <td class="when">${moment(row.createdAt, now)}</td>
      </tr>`;
}

function emptyList(filtered: boolean, paged: boolean, older: boolean): Html {
  if (older)
    return html`<div class="card empty"><p><strong>None among those looked through.</strong></p><p class="muted">A page looks through a bounded number of notifications. Go on with Older.</p></div>`;
  if (paged) return html`<div class="card empty"><p><strong>That was the oldest one.</strong></p></div>`;
  return filtered
    ? html`<div class="card empty"><p><strong>No notification matches.</strong></p><p class="muted">A recipient is found by the exact id your app uses; an address in any spelling, stored for a recipient or named by the request.</p></div>`
    : html`<div class="card empty"><p><strong>Nothing sent yet.</strong></p><p class="muted">The first notification that an app posts to <code>/v1/notifications</code> appears here.</p></div>`;
}
