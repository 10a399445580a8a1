import { withTimeout } from '@carillon/core/notification/deadline';
import { isMachineAgent } from '@carillon/core/recipient/machine-agent';
import { readClickToken, readOpenToken } from '@carillon/core/recipient/tracking-link';
import { ProblemError } from '@carillon/core/text/problem';
import { countUse, type Use } from '@carillon/services/receipts/count-use';
import { createRoute, z } from '@hono/zod-openapi';
import type { Context } from 'hono';
import type { Api, ApiDeps } from '../../deps.ts';
import { problemResponses } from '../../openapi/problem-schema.ts';

const params = z.object({ token: z.string().max(2000) });
/** After this time the redirect is answered and the count finishes in the background. */
const COUNT_MS = 2_000;
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

/** A person's browser or mail program sends GET with a User-Agent. */
const isMachine = (c: Context): boolean =>
  c.req.method !== 'GET' || isMachineAgent(c.req.header('user-agent') ?? '');

/** Registered before the middleware of /v1: a link has a signature and no API key. */
export function registerTracking(app: Api, { db, config, metrics, log }: ApiDeps): void {
  /** A person waits for a page: a failed count must cause neither an error nor a long wait. */
  const count = async (attemptId: string, use: Use): Promise<void> => {
    try {
      await withTimeout(COUNT_MS, countUse({ db: db.sql }, { attemptId, use }, metrics.applied));
    } catch (error) {
      log.warn('an open or click was not counted', { error });
    }
  };

  app.openapi(openRoute, async (c) => {
    const said = readOpenToken(config.ENCRYPTION_KEYS, c.req.valid('param').token);
    if (said) {
      const machine = isMachine(c);
      const eventId = `${machine ? 'machine-open' : 'open'}/${said.attemptId}`;
      await count(said.attemptId, { kind: 'opened', eventId, machine });
    }
    return c.body(PIXEL, 200, { 'Content-Type': 'image/gif', 'Cache-Control': 'no-store, private' }) as never;
  });

  app.openapi(clickRoute, async (c) => {
    const said = readClickToken(config.ENCRYPTION_KEYS, c.req.valid('param').token);
    if (!said)
      throw new ProblemError(
        'not_found',
        'This link is incomplete or was not made here. Follow the whole link from the message.',
      );
    // Once for each link of a message: a second click adds no information. A scanner's click is a separate event,
    // because it must not replace the person's.
    const machine = isMachine(c);
    await count(said.attemptId, {
      kind: 'clicked',
      machine,
      // The length limit may split a character, which PostgreSQL would refuse.
      eventId: `${machine ? 'machine-click' : 'click'}/${said.attemptId}/${said.url}`
        .slice(0, 500)
        .toWellFormed(),
      url: said.url,
    });
    return c.redirect(said.location, 302);
  });
}
