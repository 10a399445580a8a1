import { CAMPAIGN_STATES, type CampaignState } from '@carillon/core/campaign/states';
import { getCampaign, listCampaigns } from '@carillon/db/campaigns/campaigns';
import { noSuchCampaign } from '@carillon/services/campaigns/no-such-campaign';
import { createRoute, z } from '@hono/zod-openapi';
import type { Api, ApiDeps } from '../../deps.ts';
import { needs } from '../../middleware/auth.ts';
import { etagHeader, etagOf } from '../../middleware/if-match.ts';
import { problemResponses } from '../../openapi/problem-schema.ts';
import { fromCursor, limitOf, pageQuery, pageSchema, TIME_AND_ID, toCursor } from '../cursor.ts';
import { campaignParams } from './campaign-schema.ts';
import { campaignSchema, viewCampaign, viewPlan } from './campaign-view.ts';

const STATE = `(${CAMPAIGN_STATES.join('|')})`;

const getRoute = createRoute({
  method: 'get',
  path: '/v1/campaigns/{id}',
  operationId: 'getCampaign',
  summary: 'Look up a campaign',
  description:
    'With its counts, exact at one moment and at most a second old. The `ETag` is of what people write, not of the counts. Needs the scope `campaigns:read`.',
  tags: ['Campaigns'],
  ...needs('campaigns:read'),
  request: { params: campaignParams },
  responses: {
    200: {
      description: 'The campaign.',
      headers: etagHeader,
      content: { 'application/json': { schema: campaignSchema } },
    },
    ...problemResponses('not_found', 'invalid_request'),
  },
});

const listRoute = createRoute({
  method: 'get',
  path: '/v1/campaigns',
  operationId: 'listCampaigns',
  summary: 'List campaigns, newest first',
  description: 'Needs the scope `campaigns:read`.',
  tags: ['Campaigns'],
  ...needs('campaigns:read'),
  request: {
    query: z.strictObject({
      ...pageQuery,
      state: z
        .string()
        .regex(
          new RegExp(`^${STATE}(,${STATE})*$`),
          `is not one of ${CAMPAIGN_STATES.join(', ')}, or several of them with commas and no spaces between them`,
        )
        .optional()
        .describe('One, or any of several: `scheduled,running`.'),
    }),
  },
  responses: {
    200: {
      description: 'One page.',
      content: { 'application/json': { schema: pageSchema(campaignSchema).openapi('CampaignPage') } },
    },
    ...problemResponses('invalid_request'),
  },
});

export function registerReadCampaigns(app: Api, { db, campaigns }: ApiDeps): void {
  app.openapi(getRoute, async (c) => {
    const { id } = c.req.valid('param');
    const row = await getCampaign(db.sql, c.get('caller'), id);
    if (row === null) throw noSuchCampaign(id);
    const [progress] = await campaigns.progress([row]);
    return c.json(viewCampaign(row, progress!), 200, etagOf(viewPlan(row)));
  });
  app.openapi(listRoute, async (c) => {
    const query = c.req.valid('query');
    const limit = limitOf(query.limit);
    const [at, id] = query.cursor === undefined ? [] : fromCursor(query.cursor, TIME_AND_ID);
    const rows = await listCampaigns(db.sql, c.get('caller'), {
      states: query.state?.split(',') as CampaignState[] | undefined,
      after: at === undefined || id === undefined ? undefined : { at, id },
      limit: limit + 1,
    });
    const page = rows.slice(0, limit);
    const last = page.at(-1);
    const next = rows.length > limit && last ? toCursor([last.at, last.id]) : null;
    const progress = await campaigns.progress(page);
    return c.json({ data: page.map((row, n) => viewCampaign(row, progress[n]!)), next_cursor: next }, 200);
  });
}
