import type { MetricRow } from '@carillon/telemetry/metrics/row';
import { METRICS, type MetricName } from '@carillon/telemetry/metrics/table';
import { alertsOn } from '../deploy/alert-rules.ts';

const LETTER = { api: 'A', worker: 'W', dashboard: 'D' } as const;

/** Every metric of Carillon, in the order of the table in packages/telemetry. */
export function metricTable(): string {
  const rows = (Object.entries(METRICS) as [MetricName, MetricRow][]).map(
    ([name, { type, labels, help, programs, buckets }]) =>
      `| \`${name}\` | ${type} | ${code(labels)} | ${programs.map((each) => LETTER[each]).join(' ')} | ${help}.${buckets ? ` Buckets: ${buckets.join(', ')}.` : ''} | ${alertsOn(name).join(', ')} |`,
  );
  return ['| name | type | labels | of | means | alerts |', '|---|---|---|---|---|---|', ...rows].join('\n');
}

function code(labels: readonly string[]): string {
  return labels.map((label) => `\`${label}\``).join(' ');
}
