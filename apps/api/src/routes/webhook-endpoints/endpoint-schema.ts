import { EVENT_TYPES, type EventType } from '@carillon/core/webhook/event';
import type { EndpointRow } from '@carillon/db/webhooks/endpoints';
import { z } from '@hono/zod-openapi';
import { customerUrlProblem } from '../../accept/customer-url.ts';
import { singleLine } from '../../accept/fields.ts';
import type { ApiConfig } from '../../config.ts';
import { invalid } from '../../middleware/invalid.ts';

export const endpointParams = z.object({ id: z.uuid() });

const eventType = z.enum(Object.keys(EVENT_TYPES) as [EventType, ...EventType[]]);

export const endpointFields = {
  url: z
    .url({ protocol: /^https?$/ })
    .max(2000)
    .describe('https; private networks are refused unless the installation allows them.'),
  description: singleLine(255).nullable().optional(),
  event_types: z
    .array(eventType)
    .max(50)
    .optional()
    .describe('Which events it hears; left out or empty is every event.'),
};

export const endpointSchema = z
  .object({
    id: z.uuid(),
    url: z.string(),
    description: z.string().nullable(),
    event_types: z.array(z.string()),
    enabled: z.boolean(),
    disabled_at: z.iso.datetime().nullable(),
    disabled_reason: z.string().nullable(),
    failing_since: z.iso
      .datetime()
      .nullable()
      .describe('The first failure since the last success; five days of them disable it.'),
    previous_secret_until: z.iso
      .datetime()
      .nullable()
      .describe('Until when signatures are made with an earlier secret too; of several, the last one.'),
    created_at: z.iso.datetime(),
    updated_at: z.iso.datetime(),
  })
  .openapi('WebhookEndpoint');

export const endpointWithSecretSchema = endpointSchema
  .extend({ secret: z.string().describe('`whsec_...`: the signing secret. Shown this once.') })
  .openapi('WebhookEndpointWithSecret');

export function viewEndpoint(row: EndpointRow): z.input<typeof endpointSchema> {
  return {
    id: row.id,
    url: row.url,
    description: row.description,
    event_types: row.eventTypes,
    enabled: row.disabledAt === null,
    disabled_at: row.disabledAt?.toISOString() ?? null,
    disabled_reason: row.disabledReason,
    failing_since: row.failingSince?.toISOString() ?? null,
    previous_secret_until: row.previousUntil?.toISOString() ?? null,
    created_at: row.createdAt.toISOString(),
    updated_at: row.updatedAt.toISOString(),
  };
}

/**
 * Checks a URL before it is called; the addresses its host name resolves to are checked at every call.
 *
 * @throws ProblemError 422.
 */
export function assertReachable(url: string, { WEBHOOKS_ALLOW_PRIVATE }: ApiConfig): void {
  const message = customerUrlProblem(url, WEBHOOKS_ALLOW_PRIVATE);
  if (message !== null) throw invalid([{ path: 'url', message }]);
}
