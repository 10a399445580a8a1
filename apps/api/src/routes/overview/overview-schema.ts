import { CHANNELS } from '@carillon/core/notification/channel';
import { ENVIRONMENTS } from '@carillon/core/notification/environment';
import { LANES } from '@carillon/core/notification/lane';
import { PRIORITIES } from '@carillon/core/notification/priority';
import { BREAKER_STATES } from '@carillon/core/provider/breaker';
import { z } from '@hono/zod-openapi';

const period = { from: z.iso.datetime(), to: z.iso.datetime() };
const count = () => z.int().min(0);
const percentiles = z
  .object({ p50: z.number(), p99: z.number() })
  .nullable()
  .describe('In milliseconds, at most 10 % off. null: there were none.');

export const overviewSchema = z
  .object({
    measured_at: z.iso.datetime(),
    environment: z
      .enum(ENVIRONMENTS)
      .describe('Rates, priorities and accounts are of this one, lanes and backlog of both.'),
    rates: z
      .object({
        ...period,
        accepted_per_second: z.number(),
        sent_per_second: z.number().describe('What providers accepted.'),
      })
      .nullable()
      .describe('Counted from the rows of the newest seconds.'),
    window: z
      .object(period)
      .nullable()
      .describe('What `priorities` and `accounts` are of: the last five minutes, less after a start.'),
    priorities: z.array(
      z.object({
        priority: z.enum(PRIORITIES),
        accepted: count(),
        sent: count(),
        end_to_end_ms: percentiles.describe(
          'From the time that a notification was due (its acceptance, or send_at) to its acceptance by a provider, in milliseconds, at most 10 % off. null: none was sent.',
        ),
      }),
    ),
    accounts: z.array(
      z.object({
        account: z.string(),
        channel: z.enum(CHANNELS),
        use: z
          .enum(['in_use', 'on_trial', 'not_used', 'switched_off'])
          .describe(
            '`not_used`: its breaker is open. `on_trial`: a few calls test it. `switched_off`: by its settings.',
          ),
        breaker: z.enum(BREAKER_STATES),
        held_by: z.string().nullable().describe('Who holds the breaker; null while it moves by itself.'),
        reason: z.string().nullable(),
        since: z.iso.datetime().describe('When the breaker changed last.'),
        attempts: count().describe('Calls that ended.'),
        accepted: count(),
        success: z.number().min(0).max(1).nullable().describe('accepted / attempts; null without attempts.'),
        outcomes: z.record(z.string(), count()).describe('Calls by outcome class.'),
        call_ms: percentiles,
      }),
    ),
    lanes: z.array(
      z.object({
        lane: z.enum(LANES),
        waiting: count().nullable().describe('Jobs in Redis; null while no worker has measured.'),
        delayed: count().nullable(),
        active: count().nullable(),
        failed: count().nullable(),
        oldest_seconds: z.number().nullable().describe('How long the oldest waiting job has waited.'),
        outbox_rows: count().describe('Rows that the relay has still to publish, 10,000 at most.'),
        relay_lag_seconds: z.number().describe('How long the oldest of them has been due.'),
      }),
    ),
    backlog: z
      .object({
        measured_at: z.iso.datetime(),
        dead: count(),
        dead_is_complete: z.boolean().describe('false: there are more; counting stops at 100,000.'),
        in_doubt: z.array(
          z.object({
            waits_for: z.enum(['evidence', 'person']),
            count: count(),
            oldest_seconds: z.number(),
          }),
        ),
        events_pending: count(),
      })
      .nullable(),
    redis: z
      .object({
        measured_at: z.iso.datetime(),
        used_bytes: count(),
        max_bytes: count().nullable().describe('null: no limit is set.'),
      })
      .nullable()
      .describe('As the leader of the workers measured it; null while none has.'),
    stuck: z
      .object({
        audited_at: z.iso.datetime(),
        count: count(),
        by_kind: z.record(z.string(), count()),
      })
      .nullable()
      .describe('What the stuck-notification audit found at its last turn; all counts must be 0.'),
  })
  .openapi('Overview');

const series = z.array(z.number().nullable());

export const historySchema = z
  .object({
    measured_at: z.iso.datetime(),
    environment: z.enum(ENVIRONMENTS),
    step_seconds: z.int(),
    at: z.array(z.int()).describe('The beginning of each step, in seconds since 1970.'),
    accepted: z.partialRecord(z.enum(PRIORITIES), series).describe('Per second, by priority.'),
    sent: z.partialRecord(z.enum(PRIORITIES), series).describe('Per second, by priority.'),
    end_to_end_ms: z.partialRecord(z.enum(PRIORITIES), z.object({ p50: series, p99: series })),
    attempts: z
      .record(z.string(), z.object({ attempts: series, success: series }))
      .describe('By account: calls per second, and the share that was accepted.'),
    lanes: z
      .record(z.string(), z.object({ waiting: series, oldest_seconds: series }))
      .describe('By lane, at their highest of the step. Lanes in which nothing waited are left out.'),
    relay_lag_seconds: series.describe('Of the lane that is furthest behind.'),
    dead: series,
    in_doubt: series,
    redis_bytes: series,
    stuck: series,
  })
  .describe('Each series has a value for each of `at`; null where nothing was measured, which is not 0.')
  .openapi('OverviewHistory');
