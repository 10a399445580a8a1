import { METRICS } from '@carillon/telemetry/metrics/table';

/** A metric as a query may use it. */
export interface KnownMetric {
  type: 'counter' | 'gauge' | 'histogram';
  labels: readonly string[];
}

type Entry = readonly [name: string, type: KnownMetric['type'], ...labels: string[]];

const tableOf = (entries: readonly Entry[]): Readonly<Record<string, KnownMetric>> =>
  Object.fromEntries(entries.map(([name, type, ...labels]) => [name, { type, labels }]));

/** What the programs export. */
export const OWN_METRICS: Readonly<Record<string, KnownMetric>> = METRICS;

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
