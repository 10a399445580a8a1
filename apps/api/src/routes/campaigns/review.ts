import { reachableOf } from '@carillon/core/campaign/problems';
import { CHANNELS } from '@carillon/core/notification/channel';
import type { CampaignRow } from '@carillon/db/campaigns/campaigns';
import type { ReviewRow } from '@carillon/db/campaigns/reviews';
import { endsAt } from '@carillon/services/campaigns/count-review';
import { askForReview, currentReview } from '@carillon/services/campaigns/review';
import { createRoute, z } from '@hono/zod-openapi';
import type { Api, ApiDeps } from '../../deps.ts';
import { needs } from '../../middleware/auth.ts';
import { problemResponses } from '../../openapi/problem-schema.ts';
import { serviceContext } from '../../service-context.ts';
import { campaignParams } from './campaign-schema.ts';

const reviewSchema = z
  .object({
    id: z
      .string()
      .describe(
        'Of what was reviewed: content, audience and template versions. For `review_id` of schedule.',
      ),
    state: z.enum(['counting', 'done', 'failed']),
    requested_at: z.iso.datetime(),
    counted_at: z.iso.datetime().nullable(),
    of: z
      .object({
        matched: z.int().describe('Recipients of the audience.'),
        reachable: z
          .partialRecord(z.enum(CHANNELS), z.int())
          .describe('Recipients whom each channel of the route would reach: the first one that can.'),
        suppressed: z.int().describe('All their addresses are suppressed.'),
        opted_out: z.int().describe('They do not want it, by any channel that could reach them.'),
        no_contact_point: z.int(),
        missing_variable: z
          .record(z.string(), z.int())
          .describe('Recipients without a variable that the texts print: they get nothing.'),
        quiet_now: z
          .int()
          .describe('Reachable, but in quiet hours or paused at the moment: held until that ends.'),
        unknown_zone: z
          .int()
          .describe('Without a time zone, or with one that is not known: the app’s counts.'),
      })
      .nullable()
      .describe(
        'matched = the sum of reachable + suppressed + opted_out + no_contact_point. Null until it is done.',
      ),
    ends_at: z.iso.datetime().nullable().describe('When the last message would be made at the chosen rate.'),
    error: z.string().nullable().describe('Why counting failed.'),
  })
  .openapi('CampaignReview');

const askRoute = createRoute({
  method: 'post',
  path: '/v1/campaigns/{id}/review',
  operationId: 'reviewCampaign',
  summary: 'Count whom a campaign would reach',
  description:
    'Answered at once; a worker counts, and `GET .../review` has the result. Any change of content, audience, template or time voids it. Needs the scope `campaigns:*`.',
  tags: ['Campaigns'],
  ...needs('campaigns:*'),
  request: { params: campaignParams },
  responses: {
    202: { description: 'It is being counted.', content: { 'application/json': { schema: reviewSchema } } },
    ...problemResponses(
      'not_found',
      'invalid_state',
      'invalid_request',
      'unknown_template',
      'unknown_audience',
    ),
  },
});

const readRoute = createRoute({
  method: 'get',
  path: '/v1/campaigns/{id}/review',
  operationId: 'getCampaignReview',
  summary: 'Read the review of a campaign',
  description: '404 if there is none of the campaign as it is now. Needs the scope `campaigns:read`.',
  tags: ['Campaigns'],
  ...needs('campaigns:read'),
  request: { params: campaignParams },
  responses: {
    200: { description: 'The review.', content: { 'application/json': { schema: reviewSchema } } },
    ...problemResponses('not_found', 'invalid_request'),
  },
});

export function registerReviewCampaigns(app: Api, deps: ApiDeps): void {
  app.openapi(askRoute, async (c) => {
    const tenant = c.get('caller');
    const { id } = c.req.valid('param');
    const review = await askForReview(serviceContext(tenant, deps), { tenant, id });
    return c.json(viewReview(null, review), 202);
  });
  app.openapi(readRoute, async (c) => {
    const tenant = c.get('caller');
    const { id } = c.req.valid('param');
    const { campaign, review } = await currentReview(deps.db.sql, { tenant, id });
    return c.json(viewReview(campaign, review), 200);
  });
}

function viewReview(campaign: CampaignRow | null, review: ReviewRow): z.input<typeof reviewSchema> {
  const { fingerprint, state, requestedAt, countedAt, result, error } = review;
  const { ends_at, ...of } = result ?? { ends_at: null };
  return {
    id: fingerprint,
    state,
    requested_at: requestedAt.toISOString(),
    counted_at: countedAt?.toISOString() ?? null,
    of: result === null ? null : (of as z.input<typeof reviewSchema>['of']),
    ends_at:
      // The throttle may have changed since.
      result === null || campaign === null ? ends_at : endsAt(campaign, reachableOf(result), Date.now()),
    error,
  };
}
