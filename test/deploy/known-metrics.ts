/** A metric as a query may use it. */
export interface KnownMetric {
  type: 'counter' | 'gauge' | 'histogram';
  labels: readonly string[];
}

type Entry = readonly [name: string, type: KnownMetric['type'], ...labels: string[]];

/** What the programs export: the one list that the tests of alerts and dashboards compare with. */
const EXPORTED: readonly Entry[] = [
  ['carillon_notifications_total', 'counter', 'app', 'channel', 'priority', 'provider', 'state'],
  ['carillon_app_info', 'gauge', 'app', 'name'],
  ['carillon_attempts_total', 'counter', 'provider', 'outcome'],
  ['carillon_provider_latency_seconds', 'histogram', 'provider'],
  ['carillon_retries_total', 'counter', 'provider', 'channel', 'priority'],
  ['carillon_delivery_seconds', 'histogram', 'channel', 'priority'],
  ['carillon_lane_jobs', 'gauge', 'lane', 'state'],
  ['carillon_lane_oldest_seconds', 'gauge', 'lane'],
  ['carillon_lane_canary_age_seconds', 'gauge', 'lane'],
  ['carillon_relay_published_total', 'counter', 'lane'],
  ['carillon_relay_lag_seconds', 'gauge', 'lane'],
  ['carillon_outbox_rows', 'gauge', 'lane', 'version'],
  ['carillon_breaker_state', 'gauge', 'account', 'state'],
  ['carillon_breaker_changes_total', 'counter', 'account', 'to'],
  ['carillon_limiter_wait_seconds', 'histogram', 'provider'],
  ['carillon_limiter_deferred_total', 'counter', 'provider'],
  ['carillon_receipts_applied_total', 'counter', 'provider', 'kind', 'result'],
  ['carillon_api_receipts_total', 'counter', 'provider', 'outcome'],
  ['carillon_event_tries_total', 'counter', 'result'],
  ['carillon_event_delivery_seconds', 'histogram'],
  ['carillon_events_pending', 'gauge'],
  ['carillon_doubts_open', 'gauge', 'waits_for'],
  ['carillon_doubts_settled_total', 'counter', 'how'],
  ['carillon_doubts_oldest_seconds', 'gauge', 'waits_for'],
  ['carillon_dead_notifications', 'gauge'],
  ['carillon_stuck_notifications', 'gauge', 'kind'],
  ['carillon_stuck_audit_age_seconds', 'gauge'],
  ['carillon_group_commit_size', 'histogram', 'statement'],
  ['carillon_group_commit_seconds', 'histogram', 'statement'],
  ['carillon_database_connections_in_use', 'gauge'],
  ['carillon_database_connections_max', 'gauge'],
  ['carillon_database_waiting', 'gauge'],
  ['carillon_server_up', 'gauge', 'server'],
  ['carillon_redis_memory_bytes', 'gauge', 'kind'],
  ['carillon_maintenance_rows_total', 'counter', 'service'],
  ['carillon_maintenance_failures_total', 'counter', 'service'],
  ['carillon_api_request_seconds', 'histogram', 'method', 'route', 'status'],
  ['carillon_api_accepted_total', 'counter', 'outcome', 'priority'],
  ['carillon_dashboard_request_seconds', 'histogram', 'method', 'route', 'status'],
  ['carillon_dashboard_logins_total', 'counter', 'result'],
  ['carillon_log_suppressed_total', 'counter', 'level'],
  ['carillon_traces_dropped_total', 'counter'],
  ['carillon_build_info', 'gauge', 'version', 'node'],
];

const tableOf = (entries: readonly Entry[]): Readonly<Record<string, KnownMetric>> =>
  Object.fromEntries(entries.map(([name, type, ...labels]) => [name, { type, labels }]));

export const OWN_METRICS = tableOf(EXPORTED);

/** What Prometheus itself and prom-client's default metrics add, as far as queries use it. */
export const OTHER_METRICS = tableOf([
  ['up', 'gauge'],
  ['ALERTS', 'gauge', 'alertname', 'alertstate', 'severity'],
  ['process_cpu_seconds_total', 'counter'],
  ['process_start_time_seconds', 'gauge'],
  ['process_resident_memory_bytes', 'gauge'],
  ['nodejs_eventloop_lag_p99_seconds', 'gauge'],
]);

/** Labels that every series gets when it is scraped. */
export const SCRAPED_LABELS: readonly string[] = ['job', 'instance'];
