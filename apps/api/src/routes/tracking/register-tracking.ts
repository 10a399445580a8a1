import { parseAttemptId } from '@carillon/core/ids';
import { errorFields } from '@carillon/core/log';
import { ProblemError } from '@carillon/core/problem';
import type { Receipt } from '@carillon/core/receipt';
import { readClickToken, readOpenToken } from '@carillon/core/tracking-link';
import { accountOfAttempt } from '@carillon/db/queries/account-of-attempt';
import { receiveReceipts } from '@carillon/db/queries/receive-receipts';
import { createRoute, z } from '@hono/zod-openapi';
import type { Api, ApiDeps } from '../../deps.ts';
import { problemResponses } from '../../openapi/problem-schema.ts';

const params = z.object({ token: z.string().max(2000) });
const PIXEL = Buffer.from('R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7', 'base64');

const openRoute = createRoute({
  method: 'get',
  path: '/v1/opens/{token}',
  operationId: 'trackOpen',
  summary: 'The pixel of a tracked e-mail',
  description:
    'Only in messages of categories that track opens. Many mail programs fetch it unasked, and many never: a hint, not a proof of reading.',
  tags: ['Links'],
  security: [],
  request: { params },
  responses: {
    200: {
      description: 'A transparent pixel, whatever the token.',
      content: { 'image/gif': { schema: z.string() } },
    },
  },
});

const clickRoute = createRoute({
  method: 'get',
  path: '/v1/clicks/{token}',
  operationId: 'trackClick',
  summary: 'A link of a tracked e-mail',
  description: 'Leads on to where the message said. Only links that we signed lead anywhere.',
  tags: ['Links'],
  security: [],
  request: { params },
  responses: { 302: { description: 'On to the address in the message.' }, ...problemResponses('not_found') },
});

/** Registered before the middleware of /v1: a link has a signature and no API key. */
export function registerTracking(app: Api, { db, config, log }: ApiDeps): void {
  /** A person waits for a page: what cannot be counted now is not worth an error. */
  const count = async (
    attemptId: string,
    receipt: Pick<Receipt, 'kind' | 'eventId' | 'url'>,
  ): Promise<void> => {
    try {
      const account = await accountOfAttempt(db.sql, parseAttemptId(attemptId)!);
      if (account !== null)
        await receiveReceipts(db.sql, [{ account, receipt: { ...receipt, attemptId, at: new Date() } }]);
    } catch (error) {
      log.warn('an open or click was not counted', errorFields(error));
    }
  };

  app.openapi(openRoute, async (c) => {
    const said = readOpenToken(config.ENCRYPTION_KEYS, c.req.valid('param').token);
    if (said) await count(said.attemptId, { kind: 'opened', eventId: `open/${said.attemptId}` });
    return c.body(PIXEL, 200, { 'Content-Type': 'image/gif', 'Cache-Control': 'no-store, private' }) as never;
  });

  app.openapi(clickRoute, async (c) => {
    const said = readClickToken(config.ENCRYPTION_KEYS, c.req.valid('param').token);
    if (!said)
      throw new ProblemError(
        'not_found',
        'This link is incomplete or was not made here. Follow the whole link from the message.',
      );
    // Once for each link of a message: a second click of the same person tells nothing new.
    await count(said.attemptId, {
      kind: 'clicked',
      // The bound may cut a character in two, which PostgreSQL would not take.
      eventId: `click/${said.attemptId}/${said.url}`.slice(0, 500).toWellFormed(),
      url: said.url,
    });
    return c.redirect(said.url, 302);
  });
}
