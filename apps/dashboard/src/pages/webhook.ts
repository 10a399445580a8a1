import { shownUrl } from '@carillon/core/program/shown-url';
import type { DeliveryRow, ListedEndpoint } from '@carillon/db/webhooks/endpoints';
import { html } from 'hono/html';
import { ago, moment } from './elements.ts';
import { type Frame, type Html, staffPage } from './layout.ts';
import { type Notice, noticeBox } from './problem.ts';
import { deliveryBadge, endpointBadge } from './webhook-badges.ts';

export interface WebhookView {
  frame: Frame;
  endpoint: ListedEndpoint;
  /** Newest first. */
  deliveries: readonly DeliveryRow[];
  /** Whether there are older ones. */
  more: boolean;
  /** Enabling and replaying, and seeing the whole URL, which may hold a token. */
  mayWork: boolean;
  notice: Notice | null;
  now: Date;
}

export function webhookPage(view: WebhookView): Html {
  const { frame, endpoint, deliveries, more, mayWork, notice } = view;
  return staffPage(
    'Webhook endpoint',
    { ...frame, current: 'webhooks' },
    html`<p class="trail"><a href="/webhooks">Webhooks</a></p>
${noticeBox(notice)}
<div class="title-line"><h1>${mayWork ? endpoint.url : shownUrl(endpoint.url)}</h1>${endpointBadge(endpoint)}</div>
<section class="card endpoint" aria-labelledby="facts-title"><h2 id="facts-title">Endpoint</h2>${facts(view)}${mayWork ? deeds(view) : ''}</section>
<section aria-labelledby="list-title">
  <div class="title-line"><h2 id="list-title">Last deliveries</h2><span class="muted">newest first, times in UTC</span></div>
  ${deliveries.length === 0 ? html`<div class="card empty"><p><strong>Nothing was sent to it yet.</strong></p></div>` : table(view)}
  ${more ? html`<p class="muted more">These are the last ${deliveries.length}; <code>GET /v1/webhook-endpoints/${endpoint.id}/deliveries</code> has all.</p>` : ''}
</section>`,
  );
}

function facts({ endpoint, now }: WebhookView): Html {
  const { appName, environment, description, eventTypes, failingSince, disabledAt, disabledReason } =
    endpoint;
  return html`<dl class="facts">
    <div><dt>App</dt><dd>${appName}${environment === 'test' ? html` <span class="env">test</span>` : ''}</dd></div>
    ${description ? html`<div><dt>Description</dt><dd>${description}</dd></div>` : ''}
    <div><dt>Events</dt><dd>${eventTypes.length === 0 ? 'every event' : eventTypes.join(', ')}</dd></div>
    ${failingSince ? html`<div><dt>Failing since</dt><dd>${moment(failingSince, now)}</dd></div>` : ''}
    ${disabledAt ? html`<div><dt>Disabled</dt><dd>${moment(disabledAt, now)}${disabledReason ? html`<span class="under">${disabledReason}</span>` : ''}</dd></div>` : ''}
    <div><dt>Registered</dt><dd>${moment(endpoint.createdAt, now)}</dd></div>
    <div><dt>Id</dt><dd class="mono">${endpoint.id}</dd></div>
  </dl>`;
}

/** A disabled endpoint can only be enabled: events due for it are dropped. */
function deeds({ frame, endpoint }: WebhookView): Html {
  const at = `/webhooks/${endpoint.id}`;
  return html`<form class="buttons deeds" method="post" action="${at}/enable">
    <input type="hidden" name="token" value="${frame.formToken}">
    ${
      endpoint.disabledAt
        ? html`<button class="primary" type="submit">Enable</button><span class="muted">What was on its way when it was disabled, and what happened since then, comes by a replay.</span>`
        : html`<button type="submit" formaction="${at}/replay/hour">Send the last hour again</button><button type="submit" formaction="${at}/replay/day">Send the last day again</button>`
    }
  </form>`;
}

function table({ deliveries, now }: WebhookView): Html {
  return html`<div class="card scroll"><table class="list">
    <thead><tr><th scope="col">State</th><th scope="col">Event</th><th scope="col">Answer</th><th scope="col">Tries</th><th scope="col">Took</th><th scope="col">Happened</th></tr></thead>
    <tbody>${deliveries.map(
      (row) => html`
      <tr>
        <td>${deliveryBadge(row.state)}${row.nextTryAt ? html`<span class="under">next try ${row.nextTryAt > now ? ago(row.nextTryAt, now) : 'due'}</span>` : ''}</td>
        <td class="who-cell">${row.notificationId ? html`<a class="row-link" href="/notifications/${row.notificationId}">${row.type}</a>` : row.type}<span class="under mono">${row.eventId}</span></td>
        <td class="error-cell">${row.lastStatus === null ? html`<span class="none">-</span>` : `HTTP ${row.lastStatus}`}${row.lastError ? html`<span class="under">${row.lastError}</span>` : ''}</td>
        <td class="number">${row.tries}${row.lastTriedAt ? html`<span class="under">${ago(row.lastTriedAt, now)}</span>` : ''}</td>
        <td class="number">${row.lastLatencyMs === null ? html`<span class="none">-</span>` : `${row.lastLatencyMs} ms`}</td>
        <td class="when">${moment(row.createdAt, now)}</td>
      </tr>`,
    )}</tbody>
  </table></div>`;
}
