import type { AudienceCount } from '@carillon/client/api-types';
import { CHANNELS, type Channel } from '@carillon/core/notification/channel';
import { Button, Group, Stack, Text } from '@mantine/core';
import { CarillonError } from '../api/call.ts';
import { type Column, RowsTable } from '../elements/data-table.tsx';
import { ProblemAlert } from '../elements/problem.tsx';
import { count, duration } from '../elements/quantities.ts';
import { Time } from '../elements/time.tsx';
import { CHANNEL_NAMES } from '../templates/texts.ts';
import type { CountOf } from './count.ts';

/**
 * How many belong to an audience, how many of them each channel reaches, and why it does not reach the others.
 *
 * @param unfinished how many things have to be written before it can be counted.
 * @param channels that are shown; all of them without one.
 */
export function CountedPeople({
  of,
  unfinished = 0,
  channels,
}: {
  of: CountOf;
  unfinished?: number;
  channels?: readonly Channel[] | undefined;
}) {
  const { about, exact, isExact } = of;
  if (unfinished > 0)
    return (
      <Text size="sm" role="status">
        Not counted yet: {unfinished === 1 ? 'one thing is' : `${unfinished} things are`} not filled in.
      </Text>
    );
  const failed = isExact ? exact : about;
  if (failed.isError && failed.data === undefined && !of.isBehind)
    return isAboutFilter(failed.error) ? (
      <Text size="sm" role="status">
        Not counted: something in the filter is wrong; it is marked there.
      </Text>
    ) : (
      <ProblemAlert error={failed.error} retry={() => void failed.refetch()} />
    );
  const data = (isExact ? exact.data : undefined) ?? about.data;
  const isCounting = of.isBehind || (isExact && exact.isFetching);
  return (
    <Stack gap="xs">
      <Group gap="sm" align="center">
        <Text role="status" component="div">
          {data === undefined ? 'Counting' : <Total of={data} />}
          {data !== undefined && isCounting && <span className="dim"> · counting</span>}
        </Text>
        <Button
          size="compact-sm"
          variant="default"
          loading={isExact && exact.isFetching}
          onClick={of.countExactly}
        >
          Count exactly
        </Button>
      </Group>
      {data?.reachable && data.unreachable && (
        <ByChannel of={data} channels={channels && channels.length > 0 ? channels : CHANNELS} />
      )}
    </Stack>
  );
}

/** An error that stands at its condition. */
function isAboutFilter(error: unknown): boolean {
  if (!(error instanceof CarillonError) || error.status !== 422 || error.errors.length === 0) return false;
  return error.errors.every(({ path }) => path === 'filter' || path.startsWith('filter.'));
}

function Total({ of }: { of: AudienceCount }) {
  if (of.count === null) return <strong>about {peopleOf(of.about)}</strong>;
  return (
    <>
      <strong>{peopleOf(of.count)}</strong>{' '}
      <span className="dim">
        exactly, counted <Time at={of.counted_at} /> in {duration(of.took_ms)}
      </span>
    </>
  );
}

const whole = new Intl.NumberFormat();
const peopleOf = (n: number): string => `${whole.format(n)} ${n === 1 ? 'recipient' : 'recipients'}`;

const REASONS = {
  opted_out: 'Opted out',
  no_address: 'No address',
  disabled: 'Address disabled',
  suppressed: 'Suppressed',
} as const;

function ByChannel({ of, channels }: { of: AudienceCount; channels: readonly Channel[] }) {
  // Of an estimate, digits that say nothing are left out.
  const shown = (n: number) =>
    of.count === null ? count(n < 100 ? n : Number(n.toPrecision(2))) : whole.format(n);
  const columns: Column<Channel>[] = [
    { title: 'Channel', cell: (channel) => CHANNEL_NAMES[channel] },
    {
      title: 'Reachable',
      align: 'right',
      cell: (channel) => <strong>{shown(of.reachable![channel])}</strong>,
    },
    ...Object.entries(REASONS).map(
      ([reason, title]): Column<Channel> => ({
        title,
        align: 'right',
        cell: (channel) => shown(of.unreachable![channel][reason as keyof typeof REASONS]),
      }),
    ),
  ];
  return (
    <RowsTable rows={channels} columns={columns} rowKey={(channel) => channel} label="Reachable by channel" />
  );
}
