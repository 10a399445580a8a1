import { readUnsubscribeToken, type UnsubscribeLink } from '@carillon/core/recipient/unsubscribe-link';
import { ProblemError } from '@carillon/core/text/problem';
import { readChoices } from '@carillon/db/preferences/preferences';
import { chooseCategories, unsubscribe } from '@carillon/services/preferences/unsubscribe';
import { createRoute, z } from '@hono/zod-openapi';
import type { Api, ApiDeps } from '../../deps.ts';
import { readBytes } from '../../middleware/read-body.ts';
import { problemResponses } from '../../openapi/problem-schema.ts';
import { askPage, donePage, PAGE_HEADERS } from './page.ts';

const params = z.object({ token: z.string().max(2000) });
const MAX_FORM_BYTES = 16 * 1024;

const showRoute = createRoute({
  method: 'get',
  path: '/v1/unsubscribe/{token}',
  operationId: 'showUnsubscribe',
  summary: 'The page behind an unsubscribe link',
  description:
    'For people. It asks and changes nothing: mail scanners follow every link in a message. Where the recipient is known it also offers each category to choose.',
  tags: ['Links'],
  security: [],
  request: { params },
  responses: {
    200: { description: 'A page with a button.', content: { 'text/html': { schema: z.string() } } },
    ...problemResponses('not_found'),
  },
});

const leaveRoute = createRoute({
  method: 'post',
  path: '/v1/unsubscribe/{token}',
  operationId: 'unsubscribe',
  summary: 'Unsubscribe with one click (RFC 8058)',
  description:
    'What mail programs call for `List-Unsubscribe-Post: List-Unsubscribe=One-Click`: no login, no cookie, no second question. Twice is once.',
  tags: ['Links'],
  security: [],
  request: { params },
  responses: {
    200: { description: 'Unsubscribed.', content: { 'text/html': { schema: z.string() } } },
    ...problemResponses('not_found', 'too_large'),
  },
});

/** Registered before the middleware of /v1: a link has a signature and no API key. */
export function registerUnsubscribe(app: Api, { db, config }: ApiDeps): void {
  const ctx = { db: db.sql };
  const linkOf = (token: string): UnsubscribeLink => {
    const link = readUnsubscribeToken(config.ENCRYPTION_KEYS, token);
    if (link === null)
      throw new ProblemError(
        'not_found',
        'This unsubscribe link is incomplete or was not made here. Follow the whole link from the message.',
      );
    return link;
  };

  app.openapi(showRoute, async (c) => {
    const { token } = c.req.valid('param');
    const link = linkOf(token);
    const choices = link.recipientId === undefined ? null : await readChoices(db.sql, link);
    return c.body(askPage(`/v1/unsubscribe/${token}`, link.category, choices), 200, PAGE_HEADERS) as never;
  });

  app.openapi(leaveRoute, async (c) => {
    const link = linkOf(c.req.valid('param').token);
    // Any POST of a mail program means "one click"; only the page served here posts choices.
    const form = new URLSearchParams((await readBytes(c, MAX_FORM_BYTES)).toString('utf8'));
    if (form.get('choices') !== '1' || link.recipientId === undefined) {
      await unsubscribe(ctx, { link });
      return c.body(
        donePage('Unsubscribed', `You will get no more messages of the kind “${link.category}”.`),
        200,
        PAGE_HEADERS,
      ) as never;
    }
    await chooseCategories(ctx, { link, wanted: new Set(form.getAll('wanted')) });
    return c.body(donePage('Saved', 'You will get what you chose.'), 200, PAGE_HEADERS) as never;
  });
}
