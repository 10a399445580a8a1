import { DELIVERY } from './delivery-metrics.ts';
import { OPERATIONS } from './operations-metrics.ts';
import type { MetricRow, Program } from './row.ts';

/**
 * Every metric of Carillon. The programs make their metrics from this table, so a name or a label that is not in it
 * does not compile, and docs/metrics.md is generated from it. The metrics of the Node process (`process_*`, `nodejs_*`)
 * come with prom-client.
 */
export const METRICS = { ...DELIVERY, ...OPERATIONS } as const;

export type MetricName = keyof typeof METRICS;
export type RowOf<Name extends MetricName> = (typeof METRICS)[Name];

/** The names of a program's metrics, of one type or of all. */
export type NameOf<P extends Program, Type extends MetricRow['type'] = MetricRow['type']> = {
  [Name in MetricName]: RowOf<Name> extends { type: Type }
    ? P extends RowOf<Name>['programs'][number]
      ? Name
      : never
    : never;
}[MetricName];

/** A value for each label of a metric. */
export type LabelsOf<Name extends MetricName> = Readonly<Record<RowOf<Name>['labels'][number], string>>;

/** The metrics of a program, in the order of the table. */
export function metricsOf(program: Program): [MetricName, MetricRow][] {
  const all = Object.entries(METRICS) as [MetricName, MetricRow][];
  return all.filter(([, { programs }]) => programs.includes(program));
}
