import { CHANNELS } from '@carillon/core/notification/channel';
import type { Entered } from '@carillon/core/notification/entered';
import { PRIORITIES } from '@carillon/core/notification/priority';
import { STATES } from '@carillon/core/notification/states';
import { expect, test } from 'vitest';
import { MOST_LABEL_SETS, notificationCounter } from './notification-counter.ts';
import { createProgramMetrics } from './program-metrics.ts';

const PROVIDERS = ['resend', 'smtp', null] as const;
const COUNTED = ['created', 'sent', 'delivered', 'failed', 'dead'] as const;

/** Every combination for these apps, each once. */
function* entries(apps: number, providers: readonly (string | null)[] = PROVIDERS): Generator<Entered> {
  for (let app = 0; app < apps; app++)
    for (const channel of CHANNELS)
      for (const priority of PRIORITIES)
        for (const provider of providers)
          for (const state of COUNTED) yield { appId: `app-${app}`, channel, priority, provider, state };
}

async function counted(all: Iterable<Entered>) {
  const metrics = createProgramMetrics('worker');
  const count = notificationCounter(metrics.counter('carillon_notifications_total'));
  let total = 0;
  for (const entered of all) {
    count(entered);
    total++;
  }
  const { values } = await metrics.registry.getSingleMetric('carillon_notifications_total')!.get();
  const sum = values.reduce((all, { value }) => all + value, 0);
  return { metrics, values, total, sum };
}

const seriesIn = (text: string): string[] => text.split('\n').filter((line) => line && !line.startsWith('#'));

test('100 apps with every channel, priority, account and state: at most 20,000 series, and nothing is lost', async ({
  annotate,
}) => {
  const { metrics, values, total, sum } = await counted(entries(100));
  expect(total).toBe(18_000);
  expect(sum).toBe(total);
  expect(values.length).toBeLessThanOrEqual(MOST_LABEL_SETS);
  const startedAt = performance.now();
  const text = await metrics.registry.metrics();
  const ms = performance.now() - startedAt;
  const series = seriesIn(text).length;
  expect(series).toBeLessThanOrEqual(20_000);
  await annotate(`a scrape of ${series} series took ${ms.toFixed(1)} ms and ${text.length} bytes`);
});

test('the bound holds with 5,000 apps, and what is beyond it counts as app="other" with its account', async () => {
  const { values, total, sum } = await counted(entries(5_000));
  expect(sum).toBe(total);
  expect(values.length).toBeLessThanOrEqual(MOST_LABEL_SETS);
  const other = values.filter(({ labels }) => labels.app === 'other');
  expect(new Set(other.map(({ labels }) => labels.provider))).toEqual(new Set(['resend', 'smtp', '']));
});

test('the bound holds with any number of accounts: at the end they count together', async () => {
  const accounts = Array.from({ length: 1_000 }, (_, index) => `account-${index}`);
  const { values, total, sum } = await counted(entries(20, accounts));
  expect(sum).toBe(total);
  expect(values.length).toBeLessThanOrEqual(MOST_LABEL_SETS);
  expect(values.some(({ labels }) => labels.app === 'other' && labels.provider === 'other')).toBe(true);
});

test('a set of labels that is in use stays in use when the bound is reached', async () => {
  const first: Entered = {
    appId: 'first',
    channel: 'email',
    priority: 'normal',
    provider: 'smtp',
    state: 'sent',
  };
  const { values } = await counted([first, ...entries(100), first]);
  expect(values.find(({ labels }) => labels.app === 'first')?.value).toBe(2);
});

test('states on the way are not counted', async () => {
  const of = (state: Entered['state']): Entered => ({
    appId: 'a',
    channel: 'sms',
    priority: 'bulk',
    provider: null,
    state,
  });
  const { values } = await counted([...STATES, 'created' as const].map(of));
  expect(values.map(({ labels }) => labels.state).sort()).toEqual(
    [
      ...['cancelled', 'created', 'dead', 'delivered', 'expired', 'failed', 'in_doubt'],
      ...['sent', 'skipped', 'suppressed'],
    ].sort(),
  );
});
