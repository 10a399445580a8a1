import type { Priority } from '@carillon/core/notification/priority';
import { categoryName } from '@carillon/core/provider/visible-text';
import { acceptedLanguages } from '@carillon/core/recipient/page-words';
import { preferencesToken } from '@carillon/core/recipient/preferences-link';
import { readUnsubscribeToken, type UnsubscribeLink } from '@carillon/core/recipient/unsubscribe-link';
import { ProblemError } from '@carillon/core/text/problem';
import { readPage } from '@carillon/db/preferences/read-page';
import { unsubscribe } from '@carillon/services/preferences/unsubscribe';
import { createRoute, z } from '@hono/zod-openapi';
import type { Context } from 'hono';
import type { Api, ApiDeps, ApiEnv } from '../../deps.ts';
import { readBytes } from '../../middleware/read-body.ts';
import { problemResponses } from '../../openapi/problem-schema.ts';
import type { RenderedPage } from '../../pages/page.ts';
import type { PageInput } from '../../pages/page-input.ts';
import {
  preferencesPage,
  samplePage,
  unsubscribedPage,
  unsubscribePage,
} from '../../pages/recipient-pages.ts';
import { saveChoices } from './save-choices.ts';

const params = z.object({ token: z.string().max(2000) });
export const MAX_FORM_BYTES = 16 * 1024;
/** The token in previews and test messages. */
export const SAMPLE_TOKEN = 'preview';

const showRoute = createRoute({
  method: 'get',
  path: '/v1/unsubscribe/{token}',
  operationId: 'showUnsubscribe',
  summary: 'The page behind an unsubscribe link',
  description:
    'For people: in their language, with the name, logo and colour of the app. It asks and changes nothing: mail scanners follow every link in a message. Where the recipient is known it also offers each category to choose. A browser gets a page for a damaged link too.',
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
export function registerUnsubscribe(app: Api, { db, config, waker }: ApiDeps): void {
  const ctx = { db: db.sql, wake: (priority: Priority) => waker.wake(priority) };
  const linkOf = (token: string): UnsubscribeLink => {
    const link = readUnsubscribeToken(config.ENCRYPTION_KEYS, token);
    if (link === null)
      throw new ProblemError(
        'not_found',
        'This unsubscribe link is incomplete or was not made here. Follow the whole link from the message.',
      );
    return link;
  };
  const inputFor = async (c: Context<ApiEnv>, link: UnsubscribeLink): Promise<PageInput> => ({
    facts: await readPage(db.sql, link),
    accepted: acceptedLanguages(c.req.header('accept-language')),
  });

  app.openapi(showRoute, async (c) => {
    const { token } = c.req.valid('param');
    if (token === SAMPLE_TOKEN)
      return answer(
        c,
        samplePage({ facts: null, accepted: acceptedLanguages(c.req.header('accept-language')) }),
      );
    const link = linkOf(token);
    const input = await inputFor(c, link);
    return answer(c, unsubscribePage(input, link.category));
  });

  app.openapi(leaveRoute, async (c) => {
    const { token } = c.req.valid('param');
    const link = linkOf(token);
    // Any POST of a mail program means "one click"; only the page served here posts choices.
    const form = new URLSearchParams((await readBytes(c, MAX_FORM_BYTES)).toString('utf8'));
    const { recipientId } = link;
    if (form.get('choices') !== '1' || recipientId === undefined) {
      await unsubscribe(ctx, { link });
      const manage =
        recipientId === undefined
          ? null
          : `../preferences/${preferencesToken(config.ENCRYPTION_KEYS, { ...link, recipientId })}`;
      return answer(c, unsubscribedPage(await inputFor(c, link), link.category, manage));
    }
    const category = categoryName(link.category);
    await saveChoices(ctx, { ...link, recipientId }, form, await readPage(db.sql, link), category);
    const input = await inputFor(c, link);
    return answer(c, preferencesPage(input, { saved: true, category }));
  });
}

/** The types of a described route know JSON only. */
export function answer(c: Context<ApiEnv>, { text, headers }: RenderedPage): never {
  return c.body(text, 200, headers) as never;
}
