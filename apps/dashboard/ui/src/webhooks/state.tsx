import type { EventDelivery, WebhookEndpoint } from '@carillon/client/api-types';
import { Mark, type Tone } from '../elements/mark.tsx';

export function EndpointMark({ endpoint }: { endpoint: WebhookEndpoint }) {
  if (!endpoint.enabled) return <Mark tone="bad">disabled</Mark>;
  return endpoint.failing_since === null ? <Mark tone="good">works</Mark> : <Mark tone="doubt">failing</Mark>;
}

const DELIVERIES: Readonly<Record<EventDelivery['status'], { tone: Tone; word: string }>> = {
  pending: { tone: 'waiting', word: 'pending' },
  delivered: { tone: 'good', word: 'delivered' },
  failed: { tone: 'bad', word: 'failed' },
  dropped: { tone: 'neutral', word: 'dropped' },
};

export function DeliveryMark({ status }: { status: EventDelivery['status'] }) {
  const { tone, word } = DELIVERIES[status];
  return <Mark tone={tone}>{word}</Mark>;
}

export const DELIVERY_STATES = Object.keys(DELIVERIES) as EventDelivery['status'][];
