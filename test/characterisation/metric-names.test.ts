import { createMetrics as createApiMetrics } from '@carillon/api/metrics';
import { createMetrics as createDashboardMetrics } from '@carillon/dashboard/metrics';
import { metricsOf } from '@carillon/telemetry/metrics/table';
import { createMetrics as createWorkerMetrics } from '@carillon/worker/metrics';
import { expect, test } from 'vitest';
import { expectGolden } from '../support/golden.ts';

/** What prom-client knows of a metric, of which its types show only a part. */
interface Registered {
  name: string;
  type: string;
  labelNames: readonly string[];
}

/** Our own metrics; those of the Node process come with prom-client. */
const ownMetrics = (registry: object): Registered[] =>
  (registry as { getMetricsAsArray(): Registered[] })
    .getMetricsAsArray()
    .filter(({ name }) => name.startsWith('carillon_'))
    .map(({ name, type, labelNames }) => ({
      name,
      type,
      labelNames: labelNames.filter((label) => label !== 'le'),
    }))
    .sort((a, b) => a.name.localeCompare(b.name));

const programs = {
  api: ownMetrics(createApiMetrics().registry),
  dashboard: ownMetrics(createDashboardMetrics().registry),
  worker: ownMetrics(createWorkerMetrics().registry),
};

test('every program has the metrics that dashboards and alerts ask for', () => {
  expectGolden('metrics.json', programs);
});

test.each(['api', 'dashboard', 'worker'] as const)(
  '%s has what the table says, and nothing else',
  (program) => {
    const rows = metricsOf(program).map(([name, { type, labels }]) => ({
      name,
      type,
      labelNames: [...labels],
    }));
    expect(programs[program]).toEqual(rows.sort((a, b) => a.name.localeCompare(b.name)));
  },
);
