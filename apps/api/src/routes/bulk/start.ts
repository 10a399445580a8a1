import { BULK_ACTIONS } from '@carillon/db/schema/bulk';
import { startBulkAction } from '@carillon/services/bulk/start';
import { createRoute, z } from '@hono/zod-openapi';
import { time } from '../../accept/fields.ts';
import type { Api, ApiDeps } from '../../deps.ts';
import { assertScope, needs } from '../../middleware/auth.ts';
import { invalid } from '../../middleware/invalid.ts';
import { problemResponses } from '../../openapi/problem-schema.ts';
import { serviceContext } from '../../service-context.ts';
import { idempotencyKey } from '../idempotency-header.ts';
import { filterShape } from '../notifications/filter-schema.ts';
import { bulkSchema, viewBulk } from './bulk-schema.ts';

/** One process carries an action out, one notification after the other. */
const MAX_RATE = 200;
const DEFAULT_RATE = 50;

const bodySchema = z
  .strictObject({
    action: z.enum(BULK_ACTIONS),
    filter: z
      .strictObject(filterShape)
      .describe('As in the query of the list, with at least one member. Only what exists now is moved.'),
    send_at: time().optional().describe('For `reschedule`, and only there: the new time.'),
    accept_duplicate_risk: z
      .boolean()
      .optional()
      .describe('For `retry`: also what may have arrived already, and may then arrive twice.'),
    dry_run: z.boolean().optional().describe('Only counts what matches.'),
    rate_per_second: z
      .int()
      .min(1)
      .max(MAX_RATE)
      .optional()
      .describe(`How many a second at most, 1 to ${MAX_RATE}; ${DEFAULT_RATE} unless said.`),
    idempotency_key: idempotencyKey()
      .optional()
      .describe('An equal request with the same key gets the action that the first one started.'),
  })
  .openapi('BulkRequest');

const route = createRoute({
  method: 'post',
  path: '/v1/bulk',
  operationId: 'startBulkAction',
  summary: 'Retry, cancel or reschedule everything that matches a filter',
  description:
    'Answered 202 once it is stored for good; a worker carries it out, newest first, and `GET /v1/bulk/{id}` shows how far it is. Each notification follows the rules of a single request: what they refuse is skipped and counted by reason. It is one entry of the audit log. The same request with the same idempotency key gets the action that it started.',
  tags: ['Notifications'],
  ...needs('notifications:work'),
  request: {
    headers: z.object({
      'idempotency-key': idempotencyKey()
        .optional()
        .describe('1 to 255 visible ASCII characters. Instead of `idempotency_key` in the body.'),
    }),
    body: { required: true, content: { 'application/json': { schema: bodySchema } } },
  },
  responses: {
    202: {
      description: 'It is stored and will be carried out; a dry run is over.',
      headers: {
        'Idempotent-Replayed': {
          description: '`true` if an earlier, equal request started it.',
          schema: { type: 'string', enum: ['true'] },
        },
      },
      content: { 'application/json': { schema: bulkSchema } },
    },
    ...problemResponses('malformed_json', 'idempotency_conflict', 'invalid_state', 'invalid_request'),
  },
});

export function registerStartBulk(app: Api, deps: ApiDeps): void {
  app.openapi(route, async (c) => {
    const body = c.req.valid('json');
    const headerKey = c.req.valid('header')['idempotency-key'];
    refuseUnfit(body, headerKey);
    const tenant = c.get('caller');
    if (body.accept_duplicate_risk === true) assertScope(tenant, 'doubts:settle');
    const { action, replayed } = await startBulkAction(serviceContext(tenant, deps), {
      tenant,
      idempotencyKey: headerKey ?? body.idempotency_key ?? null,
      order: {
        action: body.action,
        filter: body.filter,
        sendAt: body.send_at === undefined ? null : new Date(body.send_at),
        acceptDuplicateRisk: body.accept_duplicate_risk === true,
        dryRun: body.dry_run === true,
        ratePerSecond: body.rate_per_second ?? DEFAULT_RATE,
      },
    });
    if (replayed) c.header('Idempotent-Replayed', 'true');
    return c.json(viewBulk(action), 202);
  });
}

/** @throws ProblemError 422 for members that do not go together. */
function refuseUnfit(body: z.output<typeof bodySchema>, headerKey: string | undefined): void {
  const { action, filter, send_at, accept_duplicate_risk, idempotency_key } = body;
  const errors = [];
  if (headerKey !== undefined && idempotency_key !== undefined && headerKey !== idempotency_key) {
    const message = 'differs from the header Idempotency-Key; give one of them';
    errors.push({ path: 'idempotency_key', message });
  }
  if (Object.values(filter).every((value) => value === undefined)) {
    const message = 'is empty and would match everything; name at least one thing, such as a status';
    errors.push({ path: 'filter', message });
  }
  if (action === 'reschedule' && send_at === undefined)
    errors.push({ path: 'send_at', message: 'is missing; give the new time' });
  if (action !== 'reschedule' && send_at !== undefined)
    errors.push({ path: 'send_at', message: `does not belong to "${action}"; leave it out` });
  if (action !== 'retry' && accept_duplicate_risk !== undefined)
    errors.push({ path: 'accept_duplicate_risk', message: `does not belong to "${action}"; leave it out` });
  if (errors.length > 0) throw invalid(errors);
}
