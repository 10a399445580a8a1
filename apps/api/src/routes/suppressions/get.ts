import { attemptId } from '@carillon/core/text/ids';
import { type Evidence, readEvidence } from '@carillon/db/recipients/suppression-evidence';
import { findSuppression } from '@carillon/db/recipients/suppressions';
import { noSuchSuppression } from '@carillon/services/suppressions/no-such-suppression';
import { createRoute, z } from '@hono/zod-openapi';
import type { Api, ApiDeps } from '../../deps.ts';
import { needs } from '../../middleware/auth.ts';
import { problemResponses } from '../../openapi/problem-schema.ts';
import { hashParams, suppressionSchema, viewSuppression } from './suppression-schema.ts';

const evidenceSchema = z
  .object({
    state: z
      .enum(['kept', 'purged', 'unrecorded', 'none'])
      .describe(
        '`kept`: below. `purged`: retention has removed it. `unrecorded`: it was added by a release that did not record the cause, and nothing that is kept leads to it. `none`: no provider said anything; a person or the recipient added it.',
      ),
    source: z
      .enum(['receipt', 'answer'])
      .nullable()
      .describe('A report that came later, or the answer to a call.'),
    provider: z.string().nullable().describe('The provider account.'),
    at: z.iso.datetime().nullable(),
    code: z.string().nullable().describe("The provider's code, unchanged."),
    text: z.string().nullable().describe("The provider's text, unchanged."),
    notification_id: z.uuid().nullable(),
    attempt_id: z.string().nullable(),
    receipt: z
      .record(z.string(), z.unknown())
      .nullable()
      .describe('The whole receipt as it is stored, without the address.'),
  })
  .openapi('SuppressionEvidence');

const route = createRoute({
  method: 'get',
  path: '/v1/suppressions/{channel}/{address_hash}',
  operationId: 'getSuppression',
  summary: 'Look up why an address is suppressed',
  description:
    "With the provider's own words, as far as retention has kept them. `GET /v1/audit?subject=suppression:<channel>/<address_hash>` has who added and lifted it before.",
  tags: ['Suppressions'],
  ...needs('suppressions:read'),
  request: { params: hashParams },
  responses: {
    200: {
      description: 'The suppression.',
      content: {
        'application/json': {
          schema: suppressionSchema.extend({ evidence: evidenceSchema }).openapi('SuppressionWithEvidence'),
        },
      },
    },
    ...problemResponses('not_found', 'invalid_request'),
  },
});

export function registerGetSuppression(app: Api, { db }: ApiDeps): void {
  app.openapi(route, async (c) => {
    const tenant = c.get('caller');
    const { channel, address_hash: hex } = c.req.valid('param');
    const hash = Buffer.from(hex, 'hex');
    const row = await findSuppression(db.sql, tenant, channel, hash);
    if (row === null) throw noSuchSuppression(channel, hash);
    const evidence = viewEvidence(await readEvidence(db.sql, tenant, row));
    return c.json({ ...viewSuppression(row), evidence }, 200);
  });
}

const NO_EVIDENCE = {
  source: null,
  provider: null,
  at: null,
  code: null,
  text: null,
  notification_id: null,
  attempt_id: null,
  receipt: null,
};

function viewEvidence(evidence: Evidence): z.input<typeof evidenceSchema> {
  if (typeof evidence === 'string') return { state: evidence, ...NO_EVIDENCE };
  const { account, at, notificationId, attempt, receipt, ...same } = evidence;
  return {
    state: 'kept',
    ...same,
    provider: account,
    at: at.toISOString(),
    notification_id: notificationId,
    attempt_id: notificationId === null || attempt === null ? null : attemptId(notificationId, attempt),
    receipt: receipt && { ...receipt },
  };
}
