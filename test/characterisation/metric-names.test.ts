import { createMetrics as createApiMetrics } from '@carillon/api/metrics';
import { createMetrics as createWorkerMetrics } from '@carillon/worker/metrics';
import type { Registry } from 'prom-client';
import { test } from 'vitest';
import { expectGolden } from '../support/golden.ts';

/** What prom-client knows of a metric, of which its types show only a part. */
interface Registered {
  name: string;
  type: string;
  labelNames: readonly string[];
}

/** Our own metrics; those of the Node process come with prom-client. */
const ownMetrics = (registry: Registry): Registered[] =>
  (registry.getMetricsAsArray() as unknown as Registered[])
    .filter(({ name }) => name.startsWith('carillon_'))
    .map(({ name, type, labelNames }) => ({
      name,
      type,
      labelNames: labelNames.filter((label) => label !== 'le'),
    }))
    .sort((a, b) => a.name.localeCompare(b.name));

test('every program has the metrics that dashboards and alerts ask for', () => {
  expectGolden('metrics.json', {
    api: ownMetrics(createApiMetrics().registry),
    worker: ownMetrics(createWorkerMetrics().registry),
  });
});
