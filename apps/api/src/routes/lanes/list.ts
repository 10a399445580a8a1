import { CHANNELS } from '@carillon/core/notification/channel';
import { LANES, partsOf } from '@carillon/core/notification/lane';
import { PRIORITIES } from '@carillon/core/notification/priority';
import { measureOutbox, type OutboxMeasure } from '@carillon/db/outbox/measure-outbox';
import type { LaneJobs } from '@carillon/queue/read-lanes';
import { createRoute, z } from '@hono/zod-openapi';
import type { Api, ApiDeps } from '../../deps.ts';
import { needs } from '../../middleware/auth.ts';
import { pageSchema } from '../cursor.ts';

const NAMES = [...LANES, 'events'] as const;

const laneSchema = z
  .object({
    lane: z
      .enum(NAMES as unknown as [string, ...string[]])
      .describe('Also the name of its queue in Bull Board. `events`: for your webhook endpoints.'),
    channel: z.enum(CHANNELS).nullable(),
    priority: z.enum(PRIORITIES).nullable(),
    jobs: z
      .object({ waiting: z.int(), active: z.int(), delayed: z.int(), failed: z.int() })
      .nullable()
      .describe('In Redis; null while it does not answer. One job may hold up to a hundred notifications.'),
    paused: z.boolean().nullable(),
    oldest_waiting_seconds: z.number().nullable().describe('Since when its oldest waiting job waits.'),
    outbox: z
      .object({
        waiting: z.int().describe('Entries of what is accepted and not in Redis yet; counted up to 10,000.'),
        oldest_due_seconds: z.number().describe('For how long the oldest of them has been due.'),
        newer_release: z
          .int()
          .describe('Entries that a newer release wrote and this one leaves alone; during an upgrade.'),
      })
      .describe('In PostgreSQL: it says what waits also while Redis is away.'),
  })
  .openapi('Lane');

const route = createRoute({
  method: 'get',
  path: '/v1/lanes',
  operationId: 'listLanes',
  summary: 'List the lanes with what waits in them',
  description:
    'A lane is a channel at a priority. Most urgent first; always one page. For the whole installation, in both environments. Nothing is changed by it: jobs are worked on in Bull Board.',
  tags: ['Operations'],
  ...needs('overview:read'),
  responses: {
    200: {
      description: 'All of them.',
      content: {
        'application/json': {
          schema: pageSchema(laneSchema)
            .extend({
              redis: z
                .enum(['ok', 'down', 'not_configured'])
                .describe(
                  '`down`: it does not answer, so that only the outbox is known. `not_configured`: this API has no REDIS_URL.',
                ),
            })
            .openapi('LanePage'),
        },
      },
    },
  },
});

export function registerListLanes(app: Api, { db, lanes }: ApiDeps): void {
  app.openapi(route, async (c) => {
    const [outbox, jobs] = await Promise.all([measureOutbox(db.sql), lanes?.read() ?? null]);
    const waiting = new Map(outbox.map((each) => [each.lane, each]));
    const inRedis = new Map(jobs?.map((each) => [each.lane, each]));
    const data = NAMES.map((lane) => view(lane, inRedis.get(lane), waiting.get(lane)));
    const redis = lanes === null ? 'not_configured' : jobs === null ? 'down' : 'ok';
    return c.json({ data, next_cursor: null, redis } as const, 200);
  });
}

function view(
  lane: (typeof NAMES)[number],
  jobs: LaneJobs | undefined,
  outbox: OutboxMeasure | undefined,
): z.input<typeof laneSchema> {
  const { channel, priority } = lane === 'events' ? { channel: null, priority: null } : partsOf(lane);
  return {
    lane,
    channel,
    priority,
    jobs: jobs
      ? { waiting: jobs.waiting, active: jobs.active, delayed: jobs.delayed, failed: jobs.failed }
      : null,
    paused: jobs?.isPaused ?? null,
    oldest_waiting_seconds: jobs?.oldestSeconds ?? null,
    outbox: {
      waiting: outbox?.known ?? 0,
      oldest_due_seconds: outbox?.lagSeconds ?? 0,
      newer_release: outbox?.unknown ?? 0,
    },
  };
}
