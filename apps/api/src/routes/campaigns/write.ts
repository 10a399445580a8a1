import { changeCampaign, deleteDraft } from '@carillon/services/campaigns/change';
import { createCampaign } from '@carillon/services/campaigns/create';
import { createRoute, z } from '@hono/zod-openapi';
import type { Api, ApiDeps } from '../../deps.ts';
import { needs } from '../../middleware/auth.ts';
import { etagHeader, etagOf, ifMatch, ifMatchHeader } from '../../middleware/if-match.ts';
import { problemResponses } from '../../openapi/problem-schema.ts';
import { serviceContext } from '../../service-context.ts';
import { idempotencyKeyHeader, oneKey, replayedHeader } from '../idempotency-header.ts';
import { campaignParams, createCampaignSchema, fieldsOf, patchCampaignSchema } from './campaign-schema.ts';
import { campaignSchema, viewCampaign, viewPlan } from './campaign-view.ts';

const campaignJson = { 'application/json': { schema: campaignSchema } };
const NAMES = ['unknown_template', 'unknown_audience'] as const;

const creationRoute = createRoute({
  method: 'post',
  path: '/v1/campaigns',
  operationId: 'createCampaign',
  summary: 'Create a campaign',
  description:
    'A draft: nothing is sent until it is scheduled. Only `name` is required; what a campaign needs beside can follow by PATCH. The same request with the same idempotency key gets the campaign that it created. Needs the scope `campaigns:*`.',
  tags: ['Campaigns'],
  ...needs('campaigns:*'),
  request: {
    headers: z.object(idempotencyKeyHeader),
    body: { required: true, content: { 'application/json': { schema: createCampaignSchema } } },
  },
  responses: {
    201: {
      description: 'Created.',
      headers: { ...etagHeader, ...replayedHeader },
      content: campaignJson,
    },
    ...problemResponses('malformed_json', 'idempotency_conflict', 'invalid_request', ...NAMES),
  },
});

const patchRoute = createRoute({
  method: 'patch',
  path: '/v1/campaigns/{id}',
  operationId: 'patchCampaign',
  summary: 'Change a campaign',
  description:
    'Only what is named changes; null takes a member away. A draft or a scheduled campaign can be changed; a scheduled one becomes a draft again, and review and approval are void, unless only `name` or `throttle_per_minute` changes. These two can also be changed while it runs or is paused. Needs the scope `campaigns:*`.',
  tags: ['Campaigns'],
  ...needs('campaigns:*'),
  request: {
    params: campaignParams,
    headers: z.object(ifMatchHeader),
    body: { required: true, content: { 'application/json': { schema: patchCampaignSchema } } },
  },
  responses: {
    200: { description: 'Changed, or unchanged.', headers: etagHeader, content: campaignJson },
    ...problemResponses(
      'malformed_json',
      'not_found',
      'conflict',
      'invalid_state',
      'invalid_request',
      ...NAMES,
    ),
  },
});

const deleteRoute = createRoute({
  method: 'delete',
  path: '/v1/campaigns/{id}',
  operationId: 'deleteCampaign',
  summary: 'Delete a draft',
  description:
    'What was scheduled or sent stays, with its counts; cancel that instead. Needs the scope `campaigns:*`.',
  tags: ['Campaigns'],
  ...needs('campaigns:*'),
  request: { params: campaignParams, headers: z.object(ifMatchHeader) },
  responses: {
    204: { description: 'Deleted.' },
    ...problemResponses('not_found', 'conflict', 'invalid_state', 'invalid_request'),
  },
});

export function registerWriteCampaigns(app: Api, deps: ApiDeps): void {
  const { campaigns } = deps;
  app.openapi(creationRoute, async (c) => {
    const tenant = c.get('caller');
    const { idempotency_key: bodyKey, ...body } = c.req.valid('json');
    const headerKey = c.req.valid('header')['idempotency-key'];
    const idempotencyKey = oneKey(headerKey, bodyKey);
    const fields = fieldsOf(tenant, body, null);
    const input = { tenant, fields, idempotencyKey };
    const { campaign, replayed } = await createCampaign(serviceContext(tenant, deps), input);
    if (replayed) c.header('Idempotent-Replayed', 'true');
    const [progress] = await campaigns.progress([campaign]);
    return c.json(viewCampaign(campaign, progress!), 201, etagOf(viewPlan(campaign)));
  });
  app.openapi(patchRoute, async (c) => {
    const tenant = c.get('caller');
    const { id } = c.req.valid('param');
    const body = c.req.valid('json');
    const campaign = await changeCampaign(serviceContext(tenant, deps), {
      tenant,
      id,
      merge: (before) => fieldsOf(tenant, body, before),
      unchanged: ifMatch(c.req.valid('header')['if-match'], viewPlan),
    });
    const [progress] = await campaigns.progress([campaign]);
    return c.json(viewCampaign(campaign, progress!), 200, etagOf(viewPlan(campaign)));
  });
  app.openapi(deleteRoute, async (c) => {
    const tenant = c.get('caller');
    const { id } = c.req.valid('param');
    const unchanged = ifMatch(c.req.valid('header')['if-match'], viewPlan);
    await deleteDraft(serviceContext(tenant, deps), { tenant, id, unchanged });
    return c.body(null, 204);
  });
}
