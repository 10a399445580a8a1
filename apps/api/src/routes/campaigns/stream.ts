import { allows } from '@carillon/core/access/access';
import { getCampaign } from '@carillon/db/campaigns/campaigns';
import { noSuchCampaign } from '@carillon/services/campaigns/no-such-campaign';
import { createRoute, z } from '@hono/zod-openapi';
import type { Api, ApiDeps } from '../../deps.ts';
import { needs } from '../../middleware/auth.ts';
import { maskJson } from '../../middleware/mask-addresses.ts';
import { problemResponses } from '../../openapi/problem-schema.ts';
import { EVENT_STREAM_HEADERS, streamMs } from '../event-stream.ts';
import { campaignParams } from './campaign-schema.ts';
import { viewCampaign } from './campaign-view.ts';

const route = createRoute({
  method: 'get',
  path: '/v1/campaigns/{id}/stream',
  operationId: 'streamCampaign',
  summary: 'Follow a campaign',
  description:
    'Server-sent events: `campaign` with what the GET answers, at once and then whenever it changes, at most once a second; `closed` (`reason`: `ended` if the campaign is over, `gone`, `restarting`), after which the stream ends. After `restarting` connect again. Needs the scope `campaigns:read`.',
  tags: ['Campaigns'],
  ...needs('campaigns:read'),
  request: { params: campaignParams },
  responses: {
    200: { description: 'The stream.', content: { 'text/event-stream': { schema: z.string() } } },
    ...problemResponses('not_found', 'invalid_request'),
  },
});

export function registerStreamCampaign(app: Api, { db, campaignStreams }: ApiDeps): void {
  app.openapi(route, async (c) => {
    const caller = c.get('caller');
    const { id } = c.req.valid('param');
    if ((await getCampaign(db.sql, caller, id)) === null) throw noSuchCampaign(id);
    // Masked where it has to be, event by event.
    c.set('isWithoutAddresses', true);
    // Hono answers HEAD by the same function, and nobody would end the stream.
    if (c.req.method === 'HEAD') return c.body(null, 200, EVENT_STREAM_HEADERS) as never;
    const isMasked = caller.staff !== undefined && !allows(caller.scopes, 'addresses:read');
    const stream = campaignStreams.open(
      caller,
      id,
      (row, progress) => {
        const text = JSON.stringify(viewCampaign(row, progress));
        return isMasked ? maskJson(text) : text;
      },
      streamMs(caller),
    );
    return c.body(stream, 200, EVENT_STREAM_HEADERS) as never;
  });
}
