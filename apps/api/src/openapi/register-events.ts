import { CAMPAIGN_STATES } from '@carillon/core/campaign/states';
import { CHANNELS } from '@carillon/core/notification/channel';
import { PRIORITIES } from '@carillon/core/notification/priority';
import { STATES } from '@carillon/core/notification/states';
import { EVENT_TYPES, type EventType } from '@carillon/core/webhook/event';
import { z } from '@hono/zod-openapi';
import type { Api } from '../deps.ts';
import { countsSchema } from '../routes/campaigns/campaign-view.ts';

/**
 * The payload of each event, by the prefix of its name; migration 0004 and db/receipts/apply-receipt-policy.ts write
 * them.
 */
const ofNotification = {
  notification_id: z.uuid(),
  channel: z.enum(CHANNELS),
  recipient_id: z.string().optional(),
  category: z.string().optional(),
  provider: z.string().optional().describe('The provider account.'),
};

const ofState = z.object({
  ...ofNotification,
  status: z.enum(STATES),
  priority: z.enum(PRIORITIES),
  campaign_id: z.uuid().optional(),
  provider_message_id: z.string().optional(),
  attempts: z.int(),
  error: z.object({ code: z.string(), message: z.string().optional() }).optional(),
  metadata: z.record(z.string(), z.string()).optional(),
  created_at: z.string(),
});

const ofReceipt = z.object({ ...ofNotification, at: z.string().optional() });

const machine = z
  .boolean()
  .describe('A scanner or a mail program did it by itself, as far as can be told; else the person.');

const ofCampaign = z.object({
  id: z.uuid(),
  campaign_id: z.uuid().describe('The same.'),
  name: z.string(),
  state: z.enum(CAMPAIGN_STATES),
  counts: countsSchema,
  reason: z.string().optional().describe('Why it was paused or has failed.'),
});

const SPECIAL: Readonly<Partial<Record<EventType, z.ZodType>>> = {
  'notification.bounced': ofReceipt.extend({
    permanent: z.boolean().describe('Whether the address is to blame; then it is suppressed.'),
    code: z.string().optional(),
    detail: z.string().optional(),
  }),
  'notification.complained': ofReceipt,
  'notification.opened': ofReceipt.extend({ machine }),
  'notification.clicked': ofReceipt.extend({ url: z.string(), machine }),
  'notification.seen': ofReceipt,
  'notification.read': ofReceipt,
  'campaign.completed': ofCampaign,
  'campaign.paused': ofCampaign,
  'campaign.failed': ofCampaign,
  'provider.circuit_opened': circuit(),
  'provider.circuit_closed': circuit(),
  'webhook_endpoint.disabled': z.object({ endpoint_id: z.uuid(), url: z.string(), reason: z.string() }),
};

function circuit() {
  return z.object({
    account: z.string(),
    channel: z.enum(CHANNELS),
    reason: z.string().optional(),
    by_hand: z.boolean(),
  });
}

/** The event catalogue, as webhooks of the OpenAPI document. */
export function registerEvents(app: Api): void {
  for (const [type, meaning] of Object.entries(EVENT_TYPES) as [EventType, string][]) {
    const schema = z.object({
      type: z.literal(type),
      timestamp: z.iso.datetime().describe('When it happened.'),
      data: SPECIAL[type] ?? ofState,
    });
    app.openAPIRegistry.registerWebhook({
      method: 'post',
      path: type,
      summary: meaning,
      tags: ['Webhooks'],
      request: {
        headers: z.object({
          'webhook-id': z.uuid().describe('The same in every try: drop what you have seen.'),
          'webhook-timestamp': z.string().describe('Unix seconds; refuse what is five minutes off.'),
          'webhook-signature': z.string().describe('`v1,<base64>`, two of them while a secret rotates.'),
        }),
        body: { content: { 'application/json': { schema } } },
      },
      responses: { 200: { description: 'Any 2xx within 15 s: taken.' } },
    });
  }
}
