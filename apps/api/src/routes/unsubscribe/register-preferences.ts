import type { Priority } from '@carillon/core/notification/priority';
import { acceptedLanguages } from '@carillon/core/recipient/page-words';
import {
  type PreferencesLink,
  preferencesUrl,
  readPreferencesToken,
} from '@carillon/core/recipient/preferences-link';
import { ProblemError } from '@carillon/core/text/problem';
import { type PageFacts, readPage } from '@carillon/db/preferences/read-page';
import { getRecipient } from '@carillon/db/recipients/people';
import { noSuchRecipient } from '@carillon/services/recipients/no-such-recipient';
import { createRoute, z } from '@hono/zod-openapi';
import type { Api, ApiDeps } from '../../deps.ts';
import { needs } from '../../middleware/auth.ts';
import { readBytes } from '../../middleware/read-body.ts';
import { problemResponses } from '../../openapi/problem-schema.ts';
import { preferencesPage, samplePage } from '../../pages/recipient-pages.ts';
import { recipientParams } from '../recipients/recipient-schema.ts';
import { answer, MAX_FORM_BYTES, SAMPLE_TOKEN } from './register-unsubscribe.ts';
import { saveChoices } from './save-choices.ts';

const params = z.object({ token: z.string().max(2000) });
const pageAnswer = { 'text/html': { schema: z.string() } };

const showRoute = createRoute({
  method: 'get',
  path: '/v1/preferences/{token}',
  operationId: 'showPreferences',
  summary: 'The preference page of a recipient',
  description:
    'For people: in their language, with the name, logo and colour of the app. E-mail templates print its address as `{{ preferences_url }}`; POST /v1/recipients/{id}/preferences-link makes one.',
  tags: ['Links'],
  security: [],
  request: { params },
  responses: {
    200: { description: 'A page with a form.', content: pageAnswer },
    ...problemResponses('not_found'),
  },
});

const saveRoute = createRoute({
  method: 'post',
  path: '/v1/preferences/{token}',
  operationId: 'savePreferences',
  summary: 'Store what a recipient chose on their page',
  description: 'What the form of the page sends.',
  tags: ['Links'],
  security: [],
  request: { params },
  responses: {
    200: { description: 'Stored: the page again.', content: pageAnswer },
    ...problemResponses('not_found', 'too_large'),
  },
});

const linkRoute = createRoute({
  method: 'post',
  path: '/v1/recipients/{recipient_id}/preferences-link',
  operationId: 'createPreferencesLink',
  summary: 'Make a link to the preference page of a recipient',
  description:
    'For your own pages. Anyone who has it can read and change what this recipient gets, so show it to nobody else. It does not expire; it ends with its key in `ENCRYPTION_KEYS`, or when the recipient is erased.',
  tags: ['Recipients'],
  ...needs('recipients:*'),
  request: { params: recipientParams },
  responses: {
    200: {
      description: 'The link.',
      content: {
        'application/json': { schema: z.object({ url: z.url() }).openapi('PreferencesPageLink') },
      },
    },
    ...problemResponses('not_found', 'invalid_request'),
  },
});

/** Registered before the middleware of /v1: a link has a signature and no API key. */
export function registerPreferencesPage(app: Api, { db, config, waker }: ApiDeps): void {
  const ctx = { db: db.sql, wake: (priority: Priority) => waker.wake(priority) };
  const factsOf = async (token: string): Promise<{ link: PreferencesLink; facts: PageFacts }> => {
    const link = readPreferencesToken(config.ENCRYPTION_KEYS, token);
    const facts = link === null ? null : await readPage(db.sql, link);
    if (link === null || !facts?.recipient)
      throw new ProblemError(
        'not_found',
        'This link is incomplete, was not made here, or its recipient was erased. Follow the whole link from the message.',
      );
    return { link, facts };
  };

  app.openapi(showRoute, async (c) => {
    const { token } = c.req.valid('param');
    const accepted = acceptedLanguages(c.req.header('accept-language'));
    if (token === SAMPLE_TOKEN) return answer(c, samplePage({ facts: null, accepted }));
    const { facts } = await factsOf(token);
    return answer(c, preferencesPage({ facts, accepted }));
  });

  app.openapi(saveRoute, async (c) => {
    const { token } = c.req.valid('param');
    const accepted = acceptedLanguages(c.req.header('accept-language'));
    const { link, facts: before } = await factsOf(token);
    const form = new URLSearchParams((await readBytes(c, MAX_FORM_BYTES)).toString('utf8'));
    // Only the page served here posts choices.
    if (form.get('choices') === '1') await saveChoices(ctx, link, form, before);
    const { facts } = await factsOf(token);
    const saved = form.get('choices') === '1';
    return answer(c, preferencesPage({ facts, accepted }, { saved }));
  });
}

export function registerPreferencesLink(app: Api, { db, config, baseUrl }: ApiDeps): void {
  app.openapi(linkRoute, async (c) => {
    const { recipient_id: recipientId } = c.req.valid('param');
    const { appId, environment } = c.get('caller');
    const recipient = await getRecipient(db.sql, { appId, environment }, recipientId);
    if (recipient === null) throw noSuchRecipient(recipientId);
    const link = { appId, environment, recipientId };
    return c.json({ url: preferencesUrl(baseUrl(), config.ENCRYPTION_KEYS, link) }, 200);
  });
}
