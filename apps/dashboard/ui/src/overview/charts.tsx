import type { OverviewHistory } from '@carillon/client/api-types';
import { Group, SegmentedControl, SimpleGrid, Stack, Title } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import { call } from '../api/call.ts';
import { useHere } from '../api/session.tsx';
import { Chart } from '../elements/chart.tsx';
import type { ChartProps, Line } from '../elements/chart-props.ts';
import { Loading } from '../elements/data-table.tsx';
import { useFilters } from '../elements/filters.ts';
import { ProblemAlert } from '../elements/problem.tsx';
import { bytes, count, duration, percent, rate } from '../elements/quantities.ts';
import { Stale } from '../elements/stale.tsx';

const HOURS = ['1', '6', '24', '48'] as const;
type Hours = (typeof HOURS)[number];
const EVERY_MS = 60_000;

/** What the installation did in the last hours. Their length stands in the address. */
export function Charts() {
  const { tenant } = useHere();
  const [filters, change] = useFilters(['hours']);
  const hours = HOURS.find((each) => each === filters.hours) ?? '24';
  const query = useQuery({
    queryKey: [tenant.app, tenant.environment, 'overview-history', hours],
    queryFn: ({ signal }) => call('getOverviewHistory', { query: { hours } }, { signal }),
    refetchInterval: EVERY_MS,
  });
  return (
    <section aria-labelledby="charts">
      <Stack gap="sm">
        <Group justify="space-between">
          <Title order={2} id="charts">
            The last {hours === '1' ? 'hour' : `${hours} hours`}
          </Title>
          <SegmentedControl
            aria-label="Hours shown"
            size="xs"
            data={HOURS.map((value) => ({ value, label: `${value} h` }))}
            value={hours}
            onChange={(value) => change({ hours: value === '24' ? undefined : (value as Hours) })}
          />
        </Group>
        {query.isPending && <Loading />}
        {query.isError && query.data === undefined && (
          <ProblemAlert error={query.error} retry={() => void query.refetch()} />
        )}
        {query.isError && query.data !== undefined && (
          <Stale since={query.dataUpdatedAt} error={query.error} />
        )}
        {query.data !== undefined && <All history={query.data} />}
      </Stack>
    </section>
  );
}

function All({ history }: { history: OverviewHistory }) {
  const charts = useMemo(() => chartsOf(history), [history]);
  return (
    <SimpleGrid cols={{ base: 1, md: 2 }} spacing="sm">
      {charts.map((chart) => (
        <Chart key={chart.title} {...chart} />
      ))}
    </SimpleGrid>
  );
}

type Values = Line['values'];

/** Added up; null only where none of them was measured. */
function sum(of: readonly Values[]): Values {
  return (of[0] ?? []).map((_, k) => {
    const known = of.flatMap((values) => values[k] ?? []);
    return known.length === 0 ? null : known.reduce((all, value) => all + value, 0);
  });
}

const times = (values: Values, factor: number): Values =>
  values.map((value) => (value === null ? null : value * factor));

function chartsOf(history: OverviewHistory): ChartProps[] {
  const { at, accepted, sent, end_to_end_ms: ends, attempts, lanes } = history;
  const chart = (
    title: string,
    format: ChartProps['format'],
    lines: readonly Line[],
    more: Partial<ChartProps> = {},
  ): ChartProps => ({ title, at, lines, format, ...more });
  const nothingWaited = history.redis_bytes.some((value) => value !== null)
    ? { empty: 'Nothing waited in this time.' }
    : {};
  const byPriority = (part: 'p50' | 'p99') =>
    Object.entries(ends).map(([priority, series]) => ({ name: priority, values: series?.[part] ?? [] }));
  const byLane = (part: 'waiting' | 'oldest_seconds', factor = 1) =>
    Object.entries(lanes).map(([lane, series]) => ({ name: lane, values: times(series[part], factor) }));
  return [
    chart('Accepted and sent per second', rate, [
      { name: 'accepted', values: sum(Object.values(accepted).map((series) => series ?? [])) },
      { name: 'sent', values: sum(Object.values(sent).map((series) => series ?? [])) },
    ]),
    chart('Time from due to sent, 99 % within', duration, byPriority('p99')),
    chart('Time from due to sent, half within', duration, byPriority('p50')),
    chart(
      'Calls that providers accepted',
      percent,
      Object.entries(attempts).map(([account, { success }]) => ({ name: account, values: success })),
      { max: 1, empty: 'No provider was called in this time.' },
    ),
    chart('Oldest waiting message', duration, [
      ...byLane('oldest_seconds', 1000),
      { name: 'relay', values: times(history.relay_lag_seconds, 1000) },
    ]),
    chart('Messages waiting in lanes', count, byLane('waiting'), nothingWaited),
    chart('Dead, in doubt, stuck', count, [
      { name: 'dead', values: history.dead },
      { name: 'in doubt', values: history.in_doubt },
      { name: 'stuck', values: history.stuck },
    ]),
    chart('Redis memory', bytes, [{ name: 'used', values: history.redis_bytes }]),
  ];
}
