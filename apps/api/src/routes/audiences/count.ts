import { CHANNELS } from '@carillon/core/notification/channel';
import { getAudience } from '@carillon/db/audiences/audiences';
import {
  type AudienceCounted,
  type CountContext,
  type CountMode,
  countAudience,
} from '@carillon/services/audiences/count';
import { noSuchAudience } from '@carillon/services/audiences/put';
import { createRoute, z } from '@hono/zod-openapi';
import type { Api, ApiDeps } from '../../deps.ts';
import { needs } from '../../middleware/auth.ts';
import { outsideDeadline } from '../../middleware/deadline.ts';
import { problemResponses } from '../../openapi/problem-schema.ts';
import { answerFor } from '../../reads/read-for.ts';
import { audienceParams, checkedFilter, filterField } from './audience-schema.ts';

const flag = z.enum(['true', 'false']).optional();
const query = z.strictObject({
  exact: flag.describe(
    '`false`: an estimate from a sample, at once; `count` is null then. Exact all the same if the app has few recipients.',
  ),
  channels: flag.describe('`false`: without `reachable` and `unreachable`, which is several times as fast.'),
});

const byChannel = <Value extends z.ZodType>(value: Value) =>
  z.object(
    Object.fromEntries(CHANNELS.map((channel) => [channel, value])) as Record<
      (typeof CHANNELS)[number],
      Value
    >,
  );

const countSchema = z
  .object({
    count: z.int().nullable().describe('Exactly; null for an estimate.'),
    about: z.int().describe('The count, or the estimate to two significant digits.'),
    counted_at: z.iso.datetime(),
    took_ms: z.int(),
    reachable: byChannel(z.int())
      .nullable()
      .describe(
        'How many an ordinary message would reach now by each channel, apart from categories, quiet hours and caps.',
      ),
    unreachable: byChannel(
      z.object({ opted_out: z.int(), no_address: z.int(), disabled: z.int(), suppressed: z.int() }),
    )
      .nullable()
      .describe('The others, by the first reason that holds. Together with `reachable` they are the count.'),
  })
  .openapi('AudienceCount');

const counted = {
  200: { description: 'Counted.', content: { 'application/json': { schema: countSchema } } },
};

const countRoute = createRoute({
  method: 'get',
  path: '/v1/audiences/{key}/count',
  operationId: 'countAudience',
  summary: 'How many belong to an audience, and how they can be reached',
  description: 'An exact count is kept as `last_count` of the audience. Needs the scope `audiences:read`.',
  tags: ['Audiences'],
  ...needs('audiences:read'),
  request: { params: audienceParams, query },
  responses: { ...counted, ...problemResponses('not_found', 'invalid_request', 'unknown_audience') },
});

const countFilterRoute = createRoute({
  method: 'post',
  path: '/v1/audiences/count',
  operationId: 'countFilter',
  summary: 'The same for a filter that is not saved',
  description: 'Nothing is stored. Needs the scope `audiences:read`.',
  tags: ['Audiences'],
  ...needs('audiences:read'),
  request: {
    query,
    body: {
      required: true,
      content: {
        'application/json': {
          schema: z.strictObject({ filter: filterField }).openapi('CountFilterRequest', {
            example: { filter: { field: 'attributes.plan', op: 'eq', value: 'pro' } },
          }),
        },
      },
    },
  },
  responses: { ...counted, ...problemResponses('malformed_json', 'invalid_request', 'unknown_audience') },
});

export function registerCountAudience(app: Api, deps: ApiDeps): void {
  const { sql: db } = deps.db;
  const [ofSaved, ofFilter] = [answerFor(deps, countRoute), answerFor(deps, countFilterRoute)];
  app.openapi(countRoute, async (c) => {
    const tenant = c.get('caller');
    const { key } = c.req.valid('param');
    const saved = await getAudience(db, tenant, key);
    if (saved === null) throw noSuchAudience(key);
    const mode = modeOf(c.req.valid('query'));
    const filter = { audience: key };
    const by: CountContext = { db, read: (work) => ofSaved(c, work) };
    const result = await outsideDeadline(c, countAudience(by, { tenant, filter, mode, path: 'key', saved }));
    return c.json(viewCount(result), 200);
  });

  app.openapi(countFilterRoute, async (c) => {
    const tenant = c.get('caller');
    const filter = checkedFilter(tenant, c.req.valid('json').filter);
    const mode = modeOf(c.req.valid('query'));
    const by: CountContext = { db, read: (work) => ofFilter(c, work) };
    const result = await outsideDeadline(c, countAudience(by, { tenant, filter, mode }));
    return c.json(viewCount(result), 200);
  });
}

function modeOf({ exact, channels }: z.output<typeof query>): CountMode {
  if (exact === 'false') return 'estimate';
  return channels === 'false' ? 'count' : 'exact';
}

function viewCount({
  count,
  about,
  channels,
  countedAt,
  tookMs,
}: AudienceCounted): z.input<typeof countSchema> {
  return {
    count,
    about,
    counted_at: countedAt.toISOString(),
    took_ms: tookMs,
    reachable: channels?.reachable ?? null,
    unreachable: channels?.unreachable ?? null,
  };
}
