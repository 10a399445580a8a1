import { PRIORITIES } from '@carillon/core/notification/priority';
import { cancelled } from './campaigns/cancelled.ts';
import { countAudit } from './campaigns/count-audit.ts';
import { counts } from './campaigns/counts.ts';
import { launch } from './campaigns/launch.ts';
import { progress } from './campaigns/progress.ts';
import { reviews } from './campaigns/review.ts';
import { slices } from './campaigns/slices.ts';
import type { WorkerContext } from './context.ts';
import { deliveries } from './deliver/deliveries.ts';
import { events } from './events/events.ts';
import { bulk } from './maintenance/bulk.ts';
import { epoch } from './maintenance/epoch.ts';
import { leaderTask } from './maintenance/leader-task.ts';
import { measure } from './maintenance/measure.ts';
import { order } from './maintenance/order.ts';
import { overview } from './maintenance/overview.ts';
import { promote } from './maintenance/promote.ts';
import { prune } from './maintenance/prune.ts';
import { receipts } from './maintenance/receipts.ts';
import { redact } from './maintenance/redact.ts';
import { reports } from './maintenance/reports.ts';
import { rescue } from './maintenance/rescue.ts';
import { resolvers } from './maintenance/resolvers.ts';
import { snoozes } from './maintenance/snoozes.ts';
import { stuckAudit } from './maintenance/stuck-audit.ts';
import { sweep } from './maintenance/sweep.ts';
import { startRelay } from './relay.ts';
import type { Role } from './roles.ts';
import { type Duty, type Service, startDuty } from './service.ts';

/** Everything that a worker process can run, each under the role that starts it (WORKER_ROLES). */
export interface WorkerService {
  name: string;
  role: Role;
  start(context: WorkerContext): Service;
}

export const SERVICES: readonly WorkerService[] = [
  ...PRIORITIES.map(
    (priority): WorkerService => ({
      name: `deliver ${priority}`,
      role: `deliver:${priority}`,
      start: (context) => deliveries(context, priority),
    }),
  ),
  ...PRIORITIES.map(
    (priority): WorkerService => ({
      name: `relay ${priority}`,
      role: `relay:${priority}`,
      start: ({ db, producer, metrics, restoreWatch, onError }) =>
        startRelay({
          sql: db.sql,
          listen: db.listen,
          producer,
          priority,
          restore: restoreWatch.restore,
          onPublished: metrics.published,
          onError: onError('relay'),
        }),
    }),
  ),
  { name: 'events', role: 'events', start: events },
  maintenance('rescue', ({ db, wake, breakers, leases, metrics, restoreWatch }) => [
    rescue({
      sql: db.sql,
      wake,
      onEntered: metrics.entered,
      rests: (lane) => breakers.rests(lane) || restoreWatch.holds(lane),
      leaseMs: leases.ms.critical,
      justStarted: true,
    }),
  ]),
  maintenance('resolve', resolvers),
  maintenance('promote', ({ db, wake }) => [promote({ sql: db.sql, wake })]),
  maintenance('epoch', ({ db, producerRedis, config, wake }) => [
    epoch({ sql: db.sql, redis: producerRedis, namespace: config.NAMESPACE, wake }),
  ]),
  maintenance('sweep', ({ db, producer, wake, leaderLease, metrics }) => [
    leaderTask(leaderLease, sweep({ sql: db.sql, producer, wake, onEntered: metrics.entered })),
  ]),
  maintenance('bulk', ({ db, wake, metrics, leaderLease, stopping }) => [
    leaderTask(
      leaderLease,
      bulk({ sql: db.sql, wake, onEntered: metrics.entered, stopping: stopping.signal }),
    ),
  ]),
  maintenance('order', ({ db, wake }) => [order({ sql: db.sql, wake })]),
  maintenance('prune', ({ db, config }) => [
    prune({
      sql: db.sql,
      retentionDays: config.RETENTION_DAYS,
      inboxRetentionDays: config.INBOX_RETENTION_DAYS,
    }),
  ]),
  maintenance('snoozes', ({ db, leaderLease, inboxChanged }) => [
    leaderTask(leaderLease, snoozes({ sql: db.sql, inboxChanged })),
  ]),
  maintenance('redact', ({ db, leaderLease }) => [leaderTask(leaderLease, redact({ sql: db.sql }))]),
  maintenance('stuck-audit', ({ db, producer, metrics, log, leaderLease, restoreWatch }) => [
    leaderTask(
      leaderLease,
      stuckAudit({
        sql: db.sql,
        producer,
        rests: restoreWatch.holds,
        onCounted: metrics.stuck,
        onAudited: metrics.audited,
        onFound: (found) =>
          log.warn('stuck notifications detected', {
            found: found.map(({ kind, count, examples }) => `${kind} ${count}: ${examples.join(' ')}`),
          }),
      }),
    ),
  ]),
  maintenance('measure', ({ db, producer, producerRedis, metrics, leaderLease, restoreWatch }) => [
    leaderTask(
      leaderLease,
      measure({
        sql: db.sql,
        redis: producerRedis,
        producer,
        holds: restoreWatch.holds,
        gauges: metrics.leader,
      }),
    ),
  ]),
  maintenance('overview', ({ db, leaderLease, stopping }) => [
    leaderTask(leaderLease, overview({ sql: db.sql, stopping: stopping.signal })),
  ]),
  maintenance('receipts', ({ db, metrics }) => [receipts({ sql: db.sql, hooks: metrics.receipts })]),
  maintenance('reports', ({ db, accounts, metrics, onError, stopping }) => [
    reports({
      sql: db.sql,
      accounts,
      hooks: metrics.receipts,
      onError: onError('reports'),
      stopping: stopping.signal,
    }),
  ]),
  maintenance('probe', ({ probing }) => [probing]),
  dutiesOf('campaigns', 'campaigns', ({ db, sets, wake, stopping }) => [
    launch({ sql: db.sql, sets: sets.sql, stopping: stopping.signal }),
    slices({ sql: db.sql, wake, stopping: stopping.signal }),
    progress({ sql: db.sql }),
    reviews({ sql: db.sql, sets: sets.sql, stopping: stopping.signal }),
  ]),
  dutiesOf('campaigns', 'campaign-audit', ({ sets, log, stopping }) => [
    countAudit({
      sets: sets.sql,
      stopping: stopping.signal,
      onFound: (campaign, differences) =>
        log.warn('the counts of a campaign differed from its notifications and were corrected', {
          campaign_id: campaign,
          found: differences.map(
            ({ variant, bucket, counted, actual }) =>
              `variant ${variant} ${bucket}: ${counted}, not ${actual}`,
          ),
        }),
    }),
  ]),
  dutiesOf('campaigns', 'counts', ({ db }) => [counts({ sql: db.sql })]),
  dutiesOf('campaigns', 'cancelled-origins', ({ db, stopping }) => [
    cancelled({ sql: db.sql, stopping: stopping.signal }),
  ]),
];

function maintenance(name: string, duties: Duties): WorkerService {
  return dutiesOf('maintenance', name, duties);
}

type Duties = (context: WorkerContext) => readonly Duty[];

function dutiesOf(role: Role, name: string, duties: Duties): WorkerService {
  return {
    name,
    role,
    start: (context) => {
      const running = duties(context).map((duty) => startDuty(duty, context.hooks));
      return {
        name,
        stop: async () => void (await Promise.all(running.map((service) => service.stop()))),
      };
    },
  };
}
