import type { CreateWebhookEndpointRequest, Notification } from '../api-types.ts';

/** What an endpoint can be told of. */
export type EventType = NonNullable<CreateWebhookEndpointRequest['event_types']>[number];

/** A change of a notification's state. Facts that it does not have are left out. */
export interface NotificationFacts {
  notification_id: string;
  status: Notification['status'];
  channel: Notification['channel'];
  priority: Notification['priority'];
  category?: string;
  recipient_id?: string;
  campaign_id?: string;
  provider?: string;
  provider_message_id?: string;
  attempts: number;
  error?: { code: string; message?: string };
  metadata?: Record<string, string>;
  created_at: string;
}

/** Something that the provider, or a tracked link, told about a message. */
export interface ReceiptFacts {
  notification_id: string;
  channel: Notification['channel'];
  recipient_id?: string;
  category?: string;
  /** The provider account. */
  provider: string;
  at: string;
}

export interface BounceFacts extends ReceiptFacts {
  /** The address is to blame, and disabled. */
  permanent: boolean;
  code?: string;
  detail?: string;
}

export interface ClickFacts extends ReceiptFacts {
  url?: string;
}

export interface CircuitFacts {
  account: string;
  channel: Notification['channel'];
  reason?: string;
  /** A person opened or closed it. */
  by_hand: boolean;
}

export interface DisabledEndpointFacts {
  endpoint_id: string;
  url: string;
  reason: string;
}

/** What each event says. */
export interface EventData {
  'notification.sent': NotificationFacts;
  'notification.delivered': NotificationFacts;
  'notification.failed': NotificationFacts;
  'notification.dead': NotificationFacts;
  'notification.in_doubt': NotificationFacts;
  'notification.suppressed': NotificationFacts;
  'notification.expired': NotificationFacts;
  'notification.bounced': BounceFacts;
  'notification.complained': ReceiptFacts;
  'notification.opened': ReceiptFacts;
  'notification.clicked': ClickFacts;
  'campaign.completed': Record<string, unknown>;
  'provider.circuit_opened': CircuitFacts;
  'provider.circuit_closed': CircuitFacts;
  'webhook_endpoint.disabled': DisabledEndpointFacts;
}

/**
 * An event, told apart by its `type`. Newer servers may send types that are not here: answer those with 2xx and do
 * nothing.
 */
export type CarillonEvent = {
  [Type in EventType]: {
    /** The same in every try: drop what you have seen. */
    id: string;
    type: Type;
    /** When it happened. */
    timestamp: string;
    data: EventData[Type];
  };
}[EventType];
