import { getDraft } from '@carillon/db/templates/drafts';
import { getTemplate } from '@carillon/db/templates/templates';
import { discardDraft, noSuchDraft, publishDraft, saveDraft } from '@carillon/services/templates/drafts';
import { noSuchTemplate } from '@carillon/services/templates/publish';
import { createRoute, z } from '@hono/zod-openapi';
import type { Api, ApiDeps } from '../../deps.ts';
import { needs } from '../../middleware/auth.ts';
import { etagHeader, etagOf, ifMatch, ifMatchHeader } from '../../middleware/if-match.ts';
import { problemResponses } from '../../openapi/problem-schema.ts';
import { serviceContext } from '../../service-context.ts';
import { compileContext } from './compile-texts.ts';
import { draftSchema, putDraftSchema, textsOf, viewDraft, withFindings } from './draft-schema.ts';
import { publishWarnings } from './publish-warnings.ts';
import {
  checkedTexts,
  checkTexts,
  newTemplateParams,
  templateParams,
  templateSchema,
  viewTemplate,
} from './template-schema.ts';

const draftJson = { 'application/json': { schema: draftSchema } };
const templateJson = { 'application/json': { schema: templateSchema } };

const putRoute = createRoute({
  method: 'put',
  path: '/v1/templates/{key}/draft',
  operationId: 'putTemplateDraft',
  summary: 'Store the draft of a template',
  description:
    'Nothing is published. Mistakes in the texts are stored too and listed as `problems`. Send the `ETag` of the GET as `If-Match`, so that nobody overwrites what somebody else wrote.',
  tags: ['Templates'],
  ...needs('templates:*'),
  request: {
    params: newTemplateParams,
    headers: z.object(ifMatchHeader),
    body: { required: true, content: { 'application/json': { schema: putDraftSchema } } },
  },
  responses: {
    200: { description: 'Stored, or unchanged.', headers: etagHeader, content: draftJson },
    ...problemResponses('malformed_json', 'conflict', 'invalid_request'),
  },
});

const getRoute = createRoute({
  method: 'get',
  path: '/v1/templates/{key}/draft',
  operationId: 'getTemplateDraft',
  summary: 'What to begin editing a template with',
  description: 'The draft, or the published texts where there is none (`saved` is false then).',
  tags: ['Templates'],
  ...needs('templates:read'),
  request: { params: templateParams },
  responses: {
    200: { description: 'The draft.', headers: etagHeader, content: draftJson },
    ...problemResponses('not_found', 'invalid_request'),
  },
});

const discardRoute = createRoute({
  method: 'delete',
  path: '/v1/templates/{key}/draft',
  operationId: 'deleteTemplateDraft',
  summary: 'Discard the draft of a template',
  description:
    'What is published stays. A template that was never published is gone then. Discarding what is not there is answered 204 too.',
  tags: ['Templates'],
  ...needs('templates:*'),
  request: { params: templateParams, headers: z.object(ifMatchHeader) },
  responses: {
    204: { description: 'Discarded.' },
    ...problemResponses('conflict', 'invalid_request'),
  },
});

const publishRoute = createRoute({
  method: 'post',
  path: '/v1/templates/{key}/publish',
  operationId: 'publishTemplate',
  summary: 'Publish the draft of a template',
  description:
    'As a new version; the draft is gone then. Notifications accepted before keep their version. With `If-Match` exactly the draft that was read is published. A mistake in a text is answered 422 with its line and column.',
  tags: ['Templates'],
  ...needs('templates:*'),
  request: { params: templateParams, headers: z.object(ifMatchHeader) },
  responses: {
    200: { description: 'Published.', headers: etagHeader, content: templateJson },
    201: { description: 'Published for the first time.', headers: etagHeader, content: templateJson },
    ...problemResponses('not_found', 'conflict', 'invalid_state', 'invalid_request'),
  },
});

export function registerTemplateDrafts(app: Api, deps: ApiDeps): void {
  const { db } = deps;
  app.openapi(putRoute, async (c) => {
    const tenant = c.get('caller');
    const { key } = c.req.valid('param');
    const body = c.req.valid('json');
    const unchanged = ifMatch(c.req.valid('header')['if-match'], viewDraft);
    const texts = textsOf(body);
    const checked = await checkTexts(compileContext(c, deps), texts);
    const input = { tenant, key, texts, basedOn: body.based_on, unchanged };
    const view = viewDraft(await saveDraft(serviceContext(tenant, deps), input));
    return c.json(withFindings(view, checked), 200, etagOf(view));
  });

  app.openapi(getRoute, async (c) => {
    const tenant = c.get('caller');
    const { key } = c.req.valid('param');
    const row = await getDraft(db.sql, tenant, key);
    if (row === null) throw noSuchTemplate(key);
    const checked = await checkTexts(compileContext(c, deps), row.texts);
    const view = viewDraft(row);
    return c.json(withFindings(view, checked), 200, etagOf(view));
  });

  app.openapi(discardRoute, async (c) => {
    const tenant = c.get('caller');
    const unchanged = ifMatch(c.req.valid('header')['if-match'], viewDraft);
    await discardDraft(serviceContext(tenant, deps), { tenant, key: c.req.valid('param').key, unchanged });
    return c.body(null, 204);
  });

  app.openapi(publishRoute, async (c) => {
    const tenant = c.get('caller');
    const { key } = c.req.valid('param');
    const unchanged = ifMatch(c.req.valid('header')['if-match'], viewDraft);
    const draft = await getDraft(db.sql, tenant, key);
    if (draft === null) throw noSuchTemplate(key);
    unchanged?.(draft);
    if (!draft.saved) throw noSuchDraft(key);
    const { texts, warnings } = await checkedTexts(compileContext(c, deps), draft.texts);
    const before = await getTemplate(db.sql, tenant, key);
    const input = { tenant, key, draft, texts, unchanged };
    const { template, created } = await publishDraft(serviceContext(tenant, deps), input);
    const ofUse = await publishWarnings(db.sql, tenant, { key, before, texts });
    const view = viewTemplate(template);
    return c.json({ ...view, warnings: [...warnings, ...ofUse] }, created ? 201 : 200, etagOf(view));
  });
}
