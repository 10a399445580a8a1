import { CHANNELS } from '@carillon/core/notification/channel';
import { REACHABILITY, reachability } from '@carillon/core/recipient/reachability';
import { getPreferences, type PreferencesRow } from '@carillon/db/preferences/preferences';
import { getRecipient } from '@carillon/db/recipients/people';
import { noSuchRecipient } from '@carillon/services/recipients/no-such-recipient';
import { suppressionsOf } from '@carillon/services/recipients/suppressions-of';
import { createRoute, z } from '@hono/zod-openapi';
import type { Api, ApiDeps } from '../../deps.ts';
import { needs } from '../../middleware/auth.ts';
import { problemResponses } from '../../openapi/problem-schema.ts';
import {
  pointSuppressionSchema,
  recipientParams,
  recipientSchema,
  viewPointSuppression,
  viewRecipient,
} from './recipient-schema.ts';

const byChannel = z.enum(REACHABILITY);
const reachableRecipientSchema = recipientSchema
  .extend({
    reachability: z
      .object({ email: byChannel, sms: byChannel, push: byChannel, in_app: byChannel })
      .describe(
        'Whether an ordinary message would be sent by the channel now, or what stands in the way first. Categories, quiet hours and caps depend on the message: `explainNotification` judges those.',
      ),
    paused_until: z.iso
      .datetime()
      .nullable()
      .describe('The recipient has paused all messages: until then only critical ones are sent.'),
    suppressions: z.array(pointSuppressionSchema).describe('Of their addresses, and of their inbox.'),
  })
  .openapi('RecipientWithReachability');

const route = createRoute({
  method: 'get',
  path: '/v1/recipients/{recipient_id}',
  operationId: 'getRecipient',
  summary: 'Look up a recipient',
  description: 'With every address and device, whether it can be used, and what stands in the way.',
  tags: ['Recipients'],
  ...needs('recipients:read'),
  request: { params: recipientParams },
  responses: {
    200: {
      description: 'The recipient.',
      content: { 'application/json': { schema: reachableRecipientSchema } },
    },
    ...problemResponses('not_found'),
  },
});

export function registerGetRecipient(app: Api, { db }: ApiDeps): void {
  app.openapi(route, async (c) => {
    const tenant = c.get('caller');
    const { recipient_id: id } = c.req.valid('param');
    const [row, preferences] = await Promise.all([
      getRecipient(db.sql, tenant, id),
      getPreferences(db.sql, tenant, id),
    ]);
    if (row === null) throw noSuchRecipient(id);
    const suppressions = await suppressionsOf({ db: db.sql }, tenant, row);
    const suppressed = new Set(suppressions.map(({ contactPointId }) => contactPointId));
    const points = row.contactPoints.map(({ id: point, kind, disabledAt }) => ({
      kind,
      isDisabled: disabledAt !== null,
      isSuppressed: suppressed.has(point),
    }));
    const off = CHANNELS.filter((channel) => preferences?.channels[channel] === false);
    return c.json(
      {
        ...viewRecipient(row),
        reachability: reachability(points, off, suppressed.has(null)),
        paused_until: pauseOf(preferences),
        suppressions: suppressions.map(viewPointSuppression),
      },
      200,
    );
  });
}

/** Null once it has passed. */
function pauseOf(preferences: PreferencesRow | null): string | null {
  const until = preferences?.paused_until ? new Date(preferences.paused_until) : null;
  return until !== null && until.getTime() > Date.now() ? until.toISOString() : null;
}
