import { METRICS } from '@carillon/telemetry/metrics/table';
import { expect, test } from 'vitest';
import { pages } from './pages.ts';

/** Words of ours that look like metrics. */
const NO_METRICS = new Set([
  'carillon_default',
  'carillon_session',
  'carillon_outbox',
  'carillon_restore',
  'carillon_rl',
]);

/** The changelog names those of earlier releases, too. */
const current = pages().filter(({ file }) => file !== 'CHANGELOG.md');

test('every metric that a page names is in the table', () => {
  const named = current.flatMap(({ file, text }) =>
    [...text.matchAll(/\bcarillon_[a-z]+(?:_[a-z]+)*/g)].map(([name]) => ({ file, name })),
  );
  expect(named.length).toBeGreaterThan(40);
  const unknown = named.filter(
    ({ name }) => !NO_METRICS.has(name) && !(name.replace(/_(bucket|sum|count)$/, '') in METRICS),
  );
  expect(unknown).toEqual([]);
});
