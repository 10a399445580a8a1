import type { DeliveryRow, ListedEndpoint } from '@carillon/db/webhooks/endpoints';
import { html } from 'hono/html';
import type { Html } from './layout.ts';

const KIND: Readonly<Record<DeliveryRow['state'], string>> = {
  pending: 'busy',
  delivered: 'good',
  failed: 'bad',
  dropped: 'mute',
};

export const deliveryBadge = (state: DeliveryRow['state']): Html =>
  html`<span class="badge ${KIND[state]}">${state}</span>`;

/** Whether events are sent to it; a failing endpoint is retried for five days. */
export function endpointBadge({
  disabledAt,
  failingSince,
}: Pick<ListedEndpoint, 'disabledAt' | 'failingSince'>): Html {
  if (disabledAt !== null) return html`<span class="badge bad">disabled</span>`;
  return failingSince === null
    ? html`<span class="badge good">enabled</span>`
    : html`<span class="badge wait">failing</span>`;
}
