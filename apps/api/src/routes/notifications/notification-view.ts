import { CHANNELS } from '@carillon/core/notification/channel';
import type { DirectAddress } from '@carillon/core/notification/compose';
import { PRIORITIES } from '@carillon/core/notification/priority';
import { STATES } from '@carillon/core/notification/states';
import { OUTCOME_CLASSES, PHASES } from '@carillon/core/provider/outcome';
import type {
  AttemptRow,
  FullNotification,
  NotificationRow,
} from '@carillon/db/notifications/get-notification';
import { z } from '@hono/zod-openapi';
import { timelineOf } from './timeline.ts';

const time = () => z.iso.datetime();

const errorSchema = z.object({ code: z.string(), message: z.string().nullable() });

export const notificationSchema = z
  .object({
    id: z.uuid(),
    notification_id: z.uuid().describe('The same as `id`.'),
    status: z.enum(STATES),
    priority: z.enum(PRIORITIES),
    category: z.string().nullable(),
    channel: z.enum(CHANNELS).describe('The channel of the route that is tried now, or was last.'),
    route: z.array(z.enum(CHANNELS)),
    to: z
      .object({
        recipient_id: z.string().optional(),
        email: z.string().optional(),
        phone: z.string().optional(),
        push: z
          .object({ kind: z.enum(['fcm', 'apns', 'web_push']), ends_with: z.string() })
          .optional()
          .describe('Device tokens are secrets: only their end is shown.'),
      })
      .describe('As in the request.'),
    template: z.string().nullable().describe('Key of the template; null with inline content.'),
    template_version: z.int().nullable().describe('Pinned when it was accepted.'),
    locale: z.string().nullable(),
    from: z.string().nullable(),
    reply_to: z.string().nullable(),
    event_id: z.string().nullable(),
    metadata: z.record(z.string(), z.string()),
    idempotency_key: z.string(),
    ordering_key: z.string().nullable(),
    campaign_id: z.uuid().nullable(),
    send_at: time().nullable(),
    expires_at: time().nullable(),
    next_attempt_at: time().nullable().describe('When it comes due, while scheduled or retrying.'),
    attempt_count: z.int(),
    provider: z.string().nullable().describe('The provider account of the last attempt.'),
    provider_message_id: z.string().nullable(),
    error: errorSchema.nullable().describe('Of the last attempt.'),
    created_at: time(),
    updated_at: time(),
  })
  .openapi('Notification');

const attemptSchema = z
  .object({
    id: z.string().describe('`<notification id>/<n>`: what the provider was given.'),
    n: z.int(),
    channel: z.enum(CHANNELS),
    provider: z.string(),
    phase: z.enum(PHASES).describe('How far the call came.'),
    outcome: z.enum(OUTCOME_CLASSES).nullable().describe('Null while the call is out.'),
    provider_message_id: z.string().nullable(),
    error: errorSchema.nullable(),
    latency_ms: z.int().nullable(),
    started_at: time(),
    finished_at: time().nullable(),
  })
  .openapi('Attempt');

const timelineSchema = z
  .object({
    at: time(),
    status: z.enum(STATES),
    actor: z.string().describe('A service (`deliver`, `relay` ...), `key:<key id>` or `staff:<e-mail>`.'),
    reason: z.string(),
    detail: z.record(z.string(), z.unknown()).optional(),
  })
  .openapi('TimelineEntry');

export const fullNotificationSchema = notificationSchema
  .extend({
    attachments: z.array(
      z.object({
        filename: z.string(),
        content_type: z.string().nullable(),
        size_bytes: z.int().nullable().describe('Null until it was fetched.'),
      }),
    ),
    attempts: z.array(attemptSchema),
    timeline: z.array(timelineSchema),
  })
  .openapi('NotificationWithTimeline');

export type NotificationView = z.input<typeof notificationSchema>;

/** A row as the API shows it. Body and template variables are never shown: they hold one-time passwords. */
export function viewNotification(row: NotificationRow): NotificationView {
  const { options } = row;
  return {
    id: row.id,
    notification_id: row.id,
    status: row.state,
    priority: row.priority,
    category: row.category,
    channel: row.channel,
    route: row.route,
    to: {
      ...(row.recipientId === null ? {} : { recipient_id: row.recipientId }),
      ...viewAddress(row.address),
    },
    template: row.template,
    template_version: row.templateVersion,
    locale: row.locale,
    from: options?.from ?? null,
    reply_to: options?.reply_to ?? null,
    event_id: options?.event_id ?? null,
    metadata: options?.metadata ?? {},
    idempotency_key: row.idempotencyKey,
    ordering_key: row.orderingKey,
    campaign_id: row.campaignId,
    send_at: iso(row.sendAt),
    expires_at: iso(row.expiresAt),
    next_attempt_at: iso(row.nextAttemptAt),
    attempt_count: row.attemptCount,
    provider: row.provider,
    provider_message_id: row.providerMessageId,
    error: viewError(row),
    created_at: row.createdAt.toISOString(),
    updated_at: row.updatedAt.toISOString(),
  };
}

export function viewFullNotification(full: FullNotification): z.input<typeof fullNotificationSchema> {
  const { id } = full.notification;
  return {
    ...viewNotification(full.notification),
    attachments: full.attachments.map(({ filename, contentType, sizeBytes }) => ({
      filename,
      content_type: contentType || null,
      size_bytes: sizeBytes,
    })),
    attempts: full.attempts.map((attempt) => viewAttempt(id, attempt)),
    timeline: timelineOf(full).map(({ at, state, ...rest }) => ({
      at: at.toISOString(),
      status: state,
      ...rest,
    })),
  };
}

function viewAttempt(id: string, attempt: AttemptRow): z.input<typeof attemptSchema> {
  return {
    id: `${id}/${attempt.n}`,
    n: attempt.n,
    channel: attempt.channel,
    provider: attempt.provider,
    phase: attempt.phase,
    outcome: attempt.outcome,
    provider_message_id: attempt.providerMessageId,
    error: viewError(attempt),
    latency_ms: attempt.latencyMs,
    started_at: attempt.startedAt.toISOString(),
    finished_at: iso(attempt.finishedAt),
  };
}

function viewAddress(address: DirectAddress | null) {
  if (address === null) return {};
  const { email, phone, push } = address;
  return {
    ...(email === undefined ? {} : { email }),
    ...(phone === undefined ? {} : { phone }),
    ...(push === undefined ? {} : { push: viewDevice(push) }),
  };
}

function viewDevice(push: NonNullable<DirectAddress['push']>) {
  const [kind, token] =
    'fcm_token' in push
      ? (['fcm', push.fcm_token] as const)
      : 'apns_token' in push
        ? (['apns', push.apns_token] as const)
        : (['web_push', push.subscription.endpoint] as const);
  return { kind, ends_with: token.slice(-6) };
}

function viewError({ errorCode, error }: { errorCode: string | null; error: string | null }) {
  return errorCode === null ? null : { code: errorCode, message: error };
}

function iso(time: Date | null): string | null {
  return time?.toISOString() ?? null;
}
