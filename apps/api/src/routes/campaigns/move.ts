import type { CampaignRow } from '@carillon/db/campaigns/campaigns';
import { approveCampaign } from '@carillon/services/campaigns/approve';
import { scheduleCampaign } from '@carillon/services/campaigns/schedule';
import { cancelCampaign, pauseCampaign, resumeCampaign } from '@carillon/services/campaigns/stop';
import { createRoute, z } from '@hono/zod-openapi';
import { singleLine } from '../../accept/fields.ts';
import type { Api, ApiDeps } from '../../deps.ts';
import { needs } from '../../middleware/auth.ts';
import { etagHeader, etagOf, ifMatch, ifMatchHeader } from '../../middleware/if-match.ts';
import { problemResponses } from '../../openapi/problem-schema.ts';
import { serviceContext } from '../../service-context.ts';
import { campaignParams } from './campaign-schema.ts';
import { campaignSchema, viewCampaign, viewPlan } from './campaign-view.ts';
import { scheduleOf, scheduleSchema } from './schedule-schema.ts';

const campaignJson = { 'application/json': { schema: campaignSchema } };

const reasonSchema = z
  .strictObject({
    reason: singleLine(500).optional().describe('Why; shown with the campaign and kept in the audit log.'),
  })
  .openapi('MoveCampaignRequest', { example: { reason: 'The link is wrong' } });

const scheduleRoute = createRoute({
  method: 'post',
  path: '/v1/campaigns/{id}/schedule',
  operationId: 'scheduleCampaign',
  summary: 'Send a campaign, now or at a time',
  description:
    'Template versions are pinned. Without a valid review it is reviewed first; one that would reach nobody, or whose variables nobody has, is refused with the counts. A scheduled campaign can be given another time. The same request again changes nothing. Needs the scope `campaigns:*`.',
  tags: ['Campaigns'],
  ...needs('campaigns:*'),
  request: {
    params: campaignParams,
    headers: z.object(ifMatchHeader),
    body: { required: false, content: { 'application/json': { schema: scheduleSchema } } },
  },
  responses: {
    200: { description: 'It is scheduled.', headers: etagHeader, content: campaignJson },
    ...problemResponses(
      'malformed_json',
      'not_found',
      'conflict',
      'invalid_state',
      'stale_review',
      'invalid_request',
      'unknown_template',
      'not_published',
      'missing_variables',
      'unknown_audience',
      'empty_audience',
    ),
  },
});

/** The verbs without content of their own. */
function moveRoute<Verb extends 'pause' | 'resume' | 'cancel'>(verb: Verb, summary: string, effect: string) {
  return createRoute({
    method: 'post',
    path: `/v1/campaigns/{id}/${verb}` as const,
    operationId: `${verb}Campaign`,
    summary,
    description: `${effect} Needs the scope \`campaigns:*\`.`,
    tags: ['Campaigns'],
    ...needs('campaigns:*'),
    request: {
      params: campaignParams,
      body: { required: false, content: { 'application/json': { schema: reasonSchema } } },
    },
    responses: {
      200: { description: 'It is so.', headers: etagHeader, content: campaignJson },
      ...problemResponses('malformed_json', 'not_found', 'invalid_state', 'invalid_request'),
    },
  });
}

const pauseRoute = moveRoute(
  'pause',
  'Pause a campaign',
  'Once it is answered, no message of it is handed to a provider, except calls that are out. Messages that wait stay, and no recipient is lost. A paused campaign stays paused.',
);
const resumeRoute = moveRoute(
  'resume',
  'Let a paused campaign go on',
  'It goes on where it was, or waits for its time if it had not started. A running campaign goes on.',
);
const cancelRoute = moveRoute(
  'cancel',
  'Cancel a campaign for good',
  'Once it is answered, no message of it is handed to a provider, except calls that are out. Messages that wait are cancelled within seconds. A cancelled campaign stays cancelled.',
);

const approveRoute = createRoute({
  method: 'post',
  path: '/v1/campaigns/{id}/approve',
  operationId: 'approveCampaign',
  summary: 'Approve a campaign',
  description:
    'For apps with `approves_campaigns`: another person than those who wrote it approves exactly this version, with its template versions and audience. Any edit voids it. Needs the scope `campaigns:*`.',
  tags: ['Campaigns'],
  ...needs('campaigns:*'),
  request: { params: campaignParams, headers: z.object(ifMatchHeader) },
  responses: {
    200: { description: 'It is approved.', headers: etagHeader, content: campaignJson },
    ...problemResponses(
      'not_found',
      'conflict',
      'invalid_state',
      'invalid_request',
      'unknown_template',
      'unknown_audience',
    ),
  },
});

export function registerMoveCampaigns(app: Api, deps: ApiDeps): void {
  const { campaigns, sets } = deps;
  const answer = async (campaign: CampaignRow) => {
    const [progress] = await campaigns.progress([campaign]);
    return [viewCampaign(campaign, progress!), 200, etagOf(viewPlan(campaign))] as const;
  };
  app.openapi(scheduleRoute, async (c) => {
    const tenant = c.get('caller');
    const { id } = c.req.valid('param');
    const body = c.req.valid('json') ?? {};
    const [schedule, reviewId] = [scheduleOf(body), body.review_id];
    const unchanged = ifMatch(c.req.valid('header')['if-match'], viewPlan);
    const ctx = { ...serviceContext(tenant, deps), sets: sets.sql };
    const input = { tenant, id, schedule, reviewId, unchanged };
    return c.json(...(await answer(await scheduleCampaign(ctx, input))));
  });
  app.openapi(pauseRoute, async (c) => {
    const tenant = c.get('caller');
    const input = { tenant, id: c.req.valid('param').id, reason: c.req.valid('json')?.reason };
    return c.json(...(await answer(await pauseCampaign(serviceContext(tenant, deps), input))));
  });
  app.openapi(resumeRoute, async (c) => {
    const tenant = c.get('caller');
    const input = { tenant, id: c.req.valid('param').id, reason: c.req.valid('json')?.reason };
    return c.json(...(await answer(await resumeCampaign(serviceContext(tenant, deps), input))));
  });
  app.openapi(cancelRoute, async (c) => {
    const tenant = c.get('caller');
    const input = { tenant, id: c.req.valid('param').id, reason: c.req.valid('json')?.reason };
    return c.json(...(await answer(await cancelCampaign(serviceContext(tenant, deps), input))));
  });
  app.openapi(approveRoute, async (c) => {
    const tenant = c.get('caller');
    const unchanged = ifMatch(c.req.valid('header')['if-match'], viewPlan);
    const input = { tenant, id: c.req.valid('param').id, unchanged };
    return c.json(...(await answer(await approveCampaign(serviceContext(tenant, deps), input))));
  });
}
