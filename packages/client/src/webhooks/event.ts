import type { Campaign, CreateWebhookEndpointRequest, Notification } from '../api-types.ts';

/** The event types of endpoints. */
export type EventType = NonNullable<CreateWebhookEndpointRequest['event_types']>[number];

/** A change of a notification's state. Facts that do not apply are omitted. */
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

/** A report from the provider or a tracked link about a message. */
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
  /** The address is invalid and was disabled. */
  permanent: boolean;
  code?: string;
  detail?: string;
}

export interface OpenFacts extends ReceiptFacts {
  /** Probably an automatic action of a scanner or mail program; otherwise the person's. */
  machine: boolean;
}

export interface ClickFacts extends OpenFacts {
  url?: string;
}

export interface CampaignFacts {
  id: string;
  /** The same. */
  campaign_id: string;
  name: string;
  state: Campaign['state'];
  counts: Campaign['counts'];
  /** Why it was paused or has failed. */
  reason?: string;
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

/** The data of each event type. */
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
  'notification.opened': OpenFacts;
  'notification.clicked': ClickFacts;
  'notification.seen': ReceiptFacts;
  'notification.read': ReceiptFacts;
  'campaign.completed': CampaignFacts;
  'campaign.paused': CampaignFacts;
  'campaign.failed': CampaignFacts;
  'provider.circuit_opened': CircuitFacts;
  'provider.circuit_closed': CircuitFacts;
  'webhook_endpoint.disabled': DisabledEndpointFacts;
}

/**
 * An event, discriminated by its `type`. Newer servers may send other types: answer those with 2xx and do nothing.
 */
export type CarillonEvent = {
  [Type in EventType]: {
    /** The same in every try: drop duplicates by it. */
    id: string;
    type: Type;
    /** When it happened. */
    timestamp: string;
    data: EventData[Type];
  };
}[EventType];
