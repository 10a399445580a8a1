import {
  MAX_RECIPIENT_TOKEN_SECONDS,
  MIN_RECIPIENT_TOKEN_SECONDS,
  RECIPIENT_SCOPES,
} from '@carillon/core/access/recipient-token';
import { issueRecipientToken } from '@carillon/services/inbox/issue-token';
import { createRoute, z } from '@hono/zod-openapi';
import type { Api, ApiDeps } from '../../deps.ts';
import { needs } from '../../middleware/auth.ts';
import { problemResponses } from '../../openapi/problem-schema.ts';
import { recipientParams } from './recipient-schema.ts';

const DEFAULT_SECONDS = 3600;

const bodySchema = z
  .strictObject({
    scopes: z
      .array(z.enum(RECIPIENT_SCOPES))
      .min(1)
      .max(RECIPIENT_SCOPES.length)
      .default([...RECIPIENT_SCOPES])
      .describe(
        'What the token opens: `inbox` (the routes of /v1/inbox), `preferences` (/v1/my/preferences).',
      ),
    ttl_seconds: z
      .int()
      .min(MIN_RECIPIENT_TOKEN_SECONDS)
      .max(MAX_RECIPIENT_TOKEN_SECONDS)
      .default(DEFAULT_SECONDS),
  })
  .openapi('IssueTokenRequest', { example: { scopes: ['inbox', 'preferences'], ttl_seconds: 3600 } });

const route = createRoute({
  method: 'post',
  path: '/v1/recipients/{recipient_id}/tokens',
  operationId: 'issueRecipientToken',
  summary: 'Make a token for the browser of a recipient',
  description:
    'Your server asks for it and hands it to the page or the app of this one person, who then reads their own inbox and nothing else. It is not stored and cannot be taken back: it ends by itself, or when the recipient is erased. Web pages may use it from the `allowed_origins` of the app.',
  tags: ['Recipients'],
  ...needs('recipients:*'),
  request: {
    params: recipientParams,
    body: { required: true, content: { 'application/json': { schema: bodySchema } } },
  },
  responses: {
    201: {
      description: 'The token.',
      content: {
        'application/json': {
          schema: z.object({ token: z.string(), expires_at: z.iso.datetime() }).openapi('RecipientToken'),
        },
      },
    },
    ...problemResponses('malformed_json', 'not_found', 'invalid_request'),
  },
});

export function registerIssueRecipientToken(app: Api, { db, config }: ApiDeps): void {
  app.openapi(route, async (c) => {
    const { recipient_id: recipientId } = c.req.valid('param');
    const { scopes, ttl_seconds: ttlSeconds } = c.req.valid('json');
    const { appId, environment } = c.get('caller');
    const input = { tenant: { appId, environment }, recipientId, scopes, ttlSeconds };
    const { token, expiresAt } = await issueRecipientToken({ db: db.sql }, config.ENCRYPTION_KEYS, input);
    return c.json({ token, expires_at: expiresAt.toISOString() }, 201);
  });
}
