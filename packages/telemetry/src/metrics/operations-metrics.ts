import { type MetricRow, SHORT_SECONDS } from './row.ts';

/** How the programs and their servers do: lanes, outbox, audit, PostgreSQL, Redis, logs, the dashboard. */
export const OPERATIONS = {
  carillon_lane_jobs: {
    type: 'gauge',
    labels: ['lane', 'state'],
    help: 'Jobs in a lane: waiting, delayed, active or failed. A chunk of up to 100 notifications is one job. Measured by the leader',
    programs: ['worker'],
  },
  carillon_lane_oldest_seconds: {
    type: 'gauge',
    labels: ['lane'],
    help: 'How long the oldest job of a lane has waited for a worker; 0 when none waits. Measured by the leader',
    programs: ['worker'],
  },
  carillon_lane_canary_age_seconds: {
    type: 'gauge',
    labels: ['lane'],
    help: 'Seconds since a canary last came out of a lane in this process',
    programs: ['worker'],
  },
  carillon_relay_published_total: {
    type: 'counter',
    labels: ['lane'],
    help: 'Notifications moved from the outbox into lanes',
    programs: ['worker'],
  },
  carillon_relay_lag_seconds: {
    type: 'gauge',
    labels: ['lane'],
    help: 'How long the oldest due outbox row of a lane (or of events) has waited for the relay; 0 when none is due, or when a restore under review holds it back. Measured by the leader',
    programs: ['worker'],
  },
  carillon_outbox_rows: {
    type: 'gauge',
    labels: ['lane', 'version'],
    help: 'Outbox rows of a lane (or of events) among its 10,000 oldest, by version: known, or unknown (of a newer release; they wait for its relays). A row announces up to 100 notifications. Measured by the leader',
    programs: ['worker'],
  },
  carillon_stuck_notifications: {
    type: 'gauge',
    labels: ['kind'],
    help: 'Stuck notifications: no process will move them although one should. Must be 0; counted by one process, 0 in the others: take the maximum',
    programs: ['worker'],
  },
  carillon_stuck_audit_age_seconds: {
    type: 'gauge',
    labels: [],
    help: 'Seconds since the audit of stuck notifications last completed a turn; only in the process that leads',
    programs: ['worker'],
  },
  carillon_maintenance_rows_total: {
    type: 'counter',
    labels: ['service'],
    help: 'Rows a maintenance service acted on',
    programs: ['worker'],
  },
  carillon_maintenance_failures_total: {
    type: 'counter',
    labels: ['service'],
    help: 'Turns of a maintenance service that failed',
    programs: ['worker'],
  },
  carillon_group_commit_size: {
    type: 'histogram',
    labels: ['statement'],
    buckets: [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000],
    help: 'Members of one shared statement (accept, claim, record, release, receipts ...)',
    programs: ['api', 'worker'],
  },
  carillon_group_commit_seconds: {
    type: 'histogram',
    labels: ['statement'],
    buckets: SHORT_SECONDS,
    help: 'Time one shared statement took',
    programs: ['api', 'worker'],
  },
  carillon_database_connections_in_use: {
    type: 'gauge',
    labels: [],
    help: 'Connections to PostgreSQL with a statement or a transaction in progress at the moment of the scrape',
    programs: ['api', 'worker', 'dashboard'],
  },
  carillon_database_connections_max: {
    type: 'gauge',
    labels: [],
    help: 'Connections to PostgreSQL that the pools of this process may open, without the one that listens for wake-ups',
    programs: ['api', 'worker', 'dashboard'],
  },
  carillon_server_up: {
    type: 'gauge',
    labels: ['server'],
    help: '1 if the last check found that the server (postgres, redis) answers and takes writes, else 0. Checked every two seconds',
    programs: ['api', 'worker', 'dashboard'],
  },
  carillon_redis_memory_bytes: {
    type: 'gauge',
    labels: ['kind'],
    help: 'Memory of Redis: used, and max (maxmemory; 0 is without a bound). Measured by the leader',
    programs: ['worker'],
  },
  carillon_dashboard_request_seconds: {
    type: 'histogram',
    labels: ['method', 'route', 'status'],
    buckets: SHORT_SECONDS,
    help: 'Time from request to answer, by the registered route',
    programs: ['dashboard'],
  },
  carillon_dashboard_logins_total: {
    type: 'counter',
    labels: ['result'],
    help: 'Logins: welcome, refused (wrong address or password) or throttled',
    programs: ['dashboard'],
  },
  carillon_log_suppressed_total: {
    type: 'counter',
    labels: ['level'],
    help: 'Repeated log lines that were counted instead of written',
    programs: ['api', 'worker', 'dashboard'],
  },
  carillon_traces_dropped_total: {
    type: 'counter',
    labels: [],
    help: 'Spans that were dropped because the exporter was away, slow or full',
    programs: ['api', 'worker', 'dashboard'],
  },
  carillon_build_info: {
    type: 'gauge',
    labels: ['version', 'node'],
    help: 'Always 1: the release and the version of Node',
    programs: ['api', 'worker', 'dashboard'],
  },
} as const satisfies Readonly<Record<`carillon_${string}`, MetricRow>>;
