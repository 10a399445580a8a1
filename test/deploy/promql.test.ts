import { expect, test } from 'vitest';
import { type KnownMetric, OWN_METRICS } from './known-metrics.ts';
import { faultsOf, parseQuery } from './promql.ts';

const KNOWN: Record<string, KnownMetric> = OWN_METRICS;

test('a query is read with its metrics, matchers and groupings', () => {
  expect(parseQuery('sum by (lane) (rate(a_total{lane="x", state!="y"}[5m])) / on (lane) b')).toMatchObject({
    errors: [],
    selectors: [
      { metric: 'a_total', labels: ['lane', 'state'] },
      { metric: 'b', labels: [] },
    ],
    groupings: [
      { labels: ['lane'], selectors: [{ metric: 'a_total' }] },
      { labels: ['lane'], selectors: [{ metric: 'a_total' }, { metric: 'b' }] },
    ],
  });
});

test.each([
  ['sum by (channel) (rate(carillon_notifications_total{state="sent"}[5m]))'],
  ['histogram_quantile(0.9, sum by (le, provider) (rate(carillon_provider_latency_seconds_bucket[5m])))'],
  ['sum(rate(carillon_provider_latency_seconds_count[5m]))'],
  ['max by (job, instance) (carillon_server_up)'],
  ['max by (place) (label_replace(carillon_lane_oldest_seconds, "place", "lane", "", ""))'],
  [
    'sum by (app) (carillon_notifications_total) * on (app) group_left (name) max by (app, name) (carillon_app_info)',
  ],
])('%s is right', (query) => {
  expect(faultsOf(query, KNOWN)).toEqual([]);
});

test.each([
  ['sum(rate(carillon_notifications_total[5m])', /no PromQL/],
  ['sum(rate(carillon_notification_total[5m]))', /unknown metric carillon_notification_total/],
  ['carillon_notifications_total{status="sent"}', /has no label status/],
  ['sum by (lane) (carillon_notifications_total)', /has no label lane to group by/],
  ['carillon_lane_jobs and on (account) carillon_breaker_state', /carillon_lane_jobs has no label account/],
  ['sum(carillon_provider_latency_seconds)', /unknown metric carillon_provider_latency_seconds/],
  ['carillon_server_up_bucket', /unknown metric/],
  ['sum by (le) (carillon_provider_latency_seconds_count)', /no label le/],
  ['max by (name) (label_replace(carillon_events_pending, "place", "x", "", ""))', /no label name/],
])('%s is found wrong', (query, fault) => {
  expect(faultsOf(query, KNOWN).join('; ')).toMatch(fault);
});
