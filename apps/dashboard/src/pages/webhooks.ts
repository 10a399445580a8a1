import { shownUrl } from '@carillon/core/program/shown-url';
import type { ListedEndpoint } from '@carillon/db/webhooks/endpoints';
import { html } from 'hono/html';
import { moment } from './elements.ts';
import { type Frame, type Html, staffPage } from './layout.ts';
import { deliveryBadge, endpointBadge } from './webhook-badges.ts';

export interface WebhooksView {
  frame: Frame;
  /** By app, as listEndpoints sorts them. */
  rows: readonly ListedEndpoint[];
  /** Whether the whole URL is shown, which may hold a token. */
  wholeUrls: boolean;
  now: Date;
}

export function webhooksPage({ frame, rows, wholeUrls, now }: WebhooksView): Html {
  const apps = [...Map.groupBy(rows, ({ appId }) => appId).values()];
  const disabled = rows.filter(({ disabledAt }) => disabledAt !== null).length;
  return staffPage(
    'Webhooks',
    { ...frame, current: 'webhooks' },
    html`<div class="title-line">
  <h1>Webhooks</h1><span class="muted">${disabled === 0 ? 'no endpoint is disabled' : `${disabled} disabled`}, times in UTC</span>
</div>
${
  rows.length === 0
    ? html`<div class="card empty"><p><strong>No endpoint yet.</strong></p><p class="muted">An app registers one with <code>POST /v1/webhook-endpoints</code>.</p></div>`
    : apps.map(
        (endpoints) => html`<section class="channel" aria-labelledby="app-${endpoints[0]!.appId}">
  <h2 id="app-${endpoints[0]!.appId}">${endpoints[0]!.appName}</h2>
  <div class="card scroll"><table class="list">
    <thead><tr><th scope="col">State</th><th scope="col">Endpoint</th><th scope="col">Events</th><th scope="col">Last delivery</th><th scope="col">Registered</th><th scope="col">Failing since</th></tr></thead>
    <tbody>${endpoints.map((row) => line(row, wholeUrls, now))}</tbody>
  </table></div>
</section>`,
      )
}`,
  );
}

function line(row: ListedEndpoint, wholeUrls: boolean, now: Date): Html {
  const { id, url, description, environment, eventTypes } = row;
  return html`
      <tr>
        <td>${endpointBadge(row)}</td>
        <td class="who-cell"><a class="row-link" href="/webhooks/${id}">${wholeUrls ? url : shownUrl(url)}</a>${environment === 'test' ? html` <span class="env">test</span>` : ''}${description ? html`<span class="under">${description}</span>` : ''}</td>
        <td>${eventTypes.length === 0 ? 'every event' : eventTypes.map((type) => html`<span class="line">${type}</span>`)}</td>
        <td>${row.lastState ? deliveryBadge(row.lastState) : html`<span class="none">none</span>`}${row.lastStatus === null ? '' : html`<span class="under">HTTP ${row.lastStatus}</span>`}</td>
        <td class="when">${moment(row.createdAt, now)}</td>
        <td>${moment(row.failingSince, now)}${row.disabledReason ? html`<span class="under">${row.disabledReason}</span>` : ''}</td>
      </tr>`;
}
