/**
 * The client of a Carillon: `new Carillon(...)` for its API, `RecipientInbox` for programs of a recipient,
 * `webhooks.verify` for the events it sends you, `idempotencyKey.from` for keys. No dependencies; uses only APIs that every JavaScript runtime has.
 */
export type * from './api-types.ts';
export type { CallOptions } from './call-options.ts';
export { Carillon, type CarillonOptions } from './carillon.ts';
export { CarillonError, type ErrorCode, type FieldError } from './carillon-error.ts';
export type { StreamOptions } from './follow-inbox.ts';
export { idempotencyKey } from './idempotency-key.ts';
export type { InboxEvent } from './inbox-event.ts';
export { type Page, Pages } from './pages.ts';
export type { AnswerLike, ByteStream } from './read-answer.ts';
export { RecipientInbox, type RecipientInboxOptions } from './recipient-inbox.ts';
export type { ApiKeys, ListApiKeys } from './resources/api-keys.ts';
export type { Apps } from './resources/apps.ts';
export type { Audiences } from './resources/audiences.ts';
export type { Breakers } from './resources/breakers.ts';
export type { Bulk } from './resources/bulk.ts';
export type { Campaigns } from './resources/campaigns.ts';
export type { Categories } from './resources/categories.ts';
export type { Inbox, ListInbox, MarkInbox } from './resources/inbox.ts';
export type {
  ExportNotifications,
  ListNotifications,
  ListSandbox,
  Notifications,
} from './resources/notifications.ts';
export type { ListRequests, Overview, Requests } from './resources/overview.ts';
export type { ProviderAccounts } from './resources/provider-accounts.ts';
export type { ListRecipients, PushTarget, Recipients } from './resources/recipients.ts';
export type { Audit, ExportAudit, ListAudit, Staff } from './resources/staff.ts';
export type { ListSuppressions, Suppressions } from './resources/suppressions.ts';
export type { Templates } from './resources/templates.ts';
export type { ListDeliveries, WebhookEndpoints } from './resources/webhook-endpoints.ts';
export type { BatchItem, BatchReport } from './send-batch.ts';
export type { FetchLike, Tagged } from './transport.ts';
export type {
  BounceFacts,
  CarillonEvent,
  CircuitFacts,
  ClickFacts,
  DisabledEndpointFacts,
  EventData,
  EventType,
  NotificationFacts,
  OpenFacts,
  ReceiptFacts,
} from './webhooks/event.ts';
export { type VerifyOptions, webhooks } from './webhooks/verify.ts';
export type { WebhookHeaders } from './webhooks/webhook-headers.ts';
export { type RefusalReason, WebhookRefused } from './webhooks/webhook-refused.ts';
