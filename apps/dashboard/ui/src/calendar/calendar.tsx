import type { Notification } from '@carillon/client/api-types';
import { CHANNELS } from '@carillon/core/notification/channel';
import {
  Anchor,
  Button,
  Group,
  SegmentedControl,
  Select,
  Stack,
  Text,
  TextInput,
  Title,
} from '@mantine/core';
import { useDebouncedCallback } from '@mantine/hooks';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { call } from '../api/call.ts';
import { useHere, useMay } from '../api/session.tsx';
import { ConfirmButton } from '../elements/confirm.tsx';
import { type Column, DataTable, Loading } from '../elements/data-table.tsx';
import { curlOf, Empty } from '../elements/empty.tsx';
import { useFilters } from '../elements/filters.ts';
import { MomentInput } from '../elements/moment-input.tsx';
import { PageFrame } from '../elements/page.tsx';
import { usePages } from '../elements/pages-query.ts';
import { ProblemAlert } from '../elements/problem.tsx';
import { Time, ZONE } from '../elements/time.tsx';
import { CHANNEL_NAMES } from '../templates/texts.ts';
import { dayOf, readMonth, shifted, startOf, weeksOf } from './month.ts';
import './calendar.css';

const FILTERS = ['template', 'channel', 'category', 'view', 'month', 'day'] as const;
/** A month is counted up to this many messages. */
const COUNTED = 1_000;

/** What will be sent, as a list or by the days of a month. */
export default function Calendar() {
  const [filters, change] = useFilters(FILTERS);
  const may = useMay();
  const isMonth = filters.view === 'month';
  return (
    <PageFrame
      title="Scheduled"
      description={`What will be sent, next first. Times are in ${ZONE}.`}
      actions={
        may('notifications:write') && (
          <Button component={Link} to="/compose">
            Send a message
          </Button>
        )
      }
    >
      <Group align="end" gap="sm">
        <SegmentedControl
          aria-label="View"
          data={[
            { value: 'list', label: 'List' },
            { value: 'month', label: 'Month' },
          ]}
          value={isMonth ? 'month' : 'list'}
          onChange={(view) => change({ view: view === 'month' ? 'month' : undefined, day: undefined })}
        />
        <TextFilter label="Template" value={filters.template} onChange={(template) => change({ template })} />
        <TextFilter label="Category" value={filters.category} onChange={(category) => change({ category })} />
        <Select
          label="Channel"
          placeholder="All"
          clearable
          data={CHANNELS.map((each) => ({ value: each, label: CHANNEL_NAMES[each] }))}
          value={filters.channel ?? null}
          onChange={(channel) => change({ channel: channel ?? undefined })}
          w={140}
        />
      </Group>
      {isMonth ? <MonthView /> : <ScheduledList />}
    </PageFrame>
  );
}

function TextFilter({
  label,
  value,
  onChange,
}: {
  label: string;
  value: string | undefined;
  onChange(value: string | undefined): void;
}) {
  const [text, setText] = useState(value ?? '');
  const tell = useDebouncedCallback(
    (next: string) => onChange(next.trim() === '' ? undefined : next.trim()),
    300,
  );
  return (
    <TextInput
      label={label}
      placeholder="All"
      value={text}
      onChange={(event) => {
        setText(event.currentTarget.value);
        tell(event.currentTarget.value);
      }}
      w={160}
    />
  );
}

/** The query of a list: what the filters select, between two moments. */
function useQueryOf(from?: Date, to?: Date) {
  const [{ template, channel, category }] = useFilters(FILTERS);
  return {
    status: 'scheduled',
    sort: 'send_at' as const,
    ...(template !== undefined && { template }),
    ...(channel !== undefined && { channel }),
    ...(category !== undefined && { category }),
    ...(from !== undefined && { send_at_after: from.toISOString() }),
    ...(to !== undefined && { send_at_before: to.toISOString() }),
  };
}

function ScheduledList({ from, to }: { from?: Date; to?: Date }) {
  const query = useQueryOf(from, to);
  const list = usePages<Notification>(
    ['scheduled', query],
    (cursor, signal) => call('listNotifications', { query: { ...query, cursor } }, { signal }),
    { refetchMs: 30_000 },
  );
  return (
    <DataTable
      query={list}
      columns={COLUMNS}
      rowKey={({ id }) => id}
      label="Scheduled messages"
      empty={
        <Empty
          title="Nothing is scheduled"
          curl={curlOf('POST', '/v1/notifications', {
            to: { recipient_id: 'user_42' },
            channel: 'email',
            content: { subject: 'Your trial ends soon', text: 'Three days are left.' },
            send_at: '2030-01-01T09:00:00Z',
          })}
        >
          Here is what will be sent at a later time, also what waits for the end of quiet hours.
        </Empty>
      }
    />
  );
}

const COLUMNS: readonly Column<Notification>[] = [
  { title: 'When', cell: ({ next_attempt_at, send_at }) => <Time at={next_attempt_at ?? send_at} /> },
  {
    title: 'To',
    cell: ({ id, to }) => (
      <Anchor component={Link} to={`/notifications/${id}`} size="sm">
        {to.recipient_id ?? to.email ?? to.phone ?? to.push?.kind ?? id}
      </Anchor>
    ),
  },
  {
    title: 'What',
    cell: ({ template, category }) => (
      <Text size="sm">
        {template ?? 'inline content'}
        {category !== null && <span className="dim">, {category}</span>}
      </Text>
    ),
  },
  { title: 'By', cell: ({ route }) => route.map((channel) => CHANNEL_NAMES[channel]).join(', ') },
  { title: 'Actions', cell: (row) => <Actions row={row} /> },
];

function Actions({ row }: { row: Notification }) {
  const may = useMay();
  const queries = useQueryClient();
  const { tenant } = useHere();
  const [at, setAt] = useState(row.send_at ?? '');
  if (!may('notifications:work')) return null;
  const changed = () =>
    queries.invalidateQueries({ queryKey: [tenant.app, tenant.environment], refetchType: 'active' });
  const path = { id: row.id };
  return (
    <Group gap="xs">
      <ConfirmButton
        label="Reschedule"
        size="xs"
        title="Send it at another time"
        confirm="Reschedule"
        done="It has another time."
        action={async () => {
          if (at === '') throw new Error('Choose a time.');
          await call('rescheduleNotification', { path, body: { send_at: at } });
          await changed();
        }}
      >
        <MomentInput label="Send at" value={at} onChange={setAt} />
      </ConfirmButton>
      <ConfirmButton
        label="Cancel"
        size="xs"
        title="Cancel this message?"
        confirm="Cancel the message"
        done="It is cancelled and will not be sent."
        danger
        action={async () => {
          await call('cancelNotification', { path });
          await changed();
        }}
      >
        It will not be sent. This cannot be undone; send it again instead.
      </ConfirmButton>
    </Group>
  );
}

const monthName = new Intl.DateTimeFormat(undefined, { month: 'long', year: 'numeric' });
const dayName = new Intl.DateTimeFormat(undefined, { dateStyle: 'full' });
const weekday = new Intl.DateTimeFormat(undefined, { weekday: 'short' });
const weekdayLong = new Intl.DateTimeFormat(undefined, { weekday: 'long' });
/** Monday to Sunday: the days of a week of January 2024. */
const WEEK = Array.from({ length: 7 }, (_, n) => new Date(2024, 0, 1 + n));

function MonthView() {
  const [filters, change] = useFilters(FILTERS);
  const { tenant } = useHere();
  const month = readMonth(filters.month, new Date());
  const [start, end] = [startOf(month), startOf(shifted(month, 1))];
  const query = useQueryOf(start, end);
  const counts = useQuery({
    queryKey: [tenant.app, tenant.environment, 'scheduled-month', query],
    queryFn: ({ signal }) => countByDay(query, signal),
    refetchInterval: 60_000,
  });
  const go = (by: number) => change({ month: shifted(month, by), day: undefined });
  const today = dayOf(new Date());
  const day = filters.day?.startsWith(month) ? filters.day : undefined;
  return (
    <Stack>
      <Group justify="space-between">
        <Title order={2}>{monthName.format(start)}</Title>
        <Group gap="xs">
          <Button variant="default" size="xs" onClick={() => go(-1)} aria-label="The month before">
            ←
          </Button>
          <Button variant="default" size="xs" onClick={() => change({ month: undefined, day: undefined })}>
            This month
          </Button>
          <Button variant="default" size="xs" onClick={() => go(1)} aria-label="The next month">
            →
          </Button>
        </Group>
      </Group>
      {counts.isError && <ProblemAlert error={counts.error} retry={() => void counts.refetch()} />}
      {counts.isPending && <Loading />}
      {counts.data && (
        <>
          <table className="month" aria-label={`Scheduled in ${monthName.format(start)}`}>
            <thead>
              <tr>
                {WEEK.map((date) => (
                  <th key={date.getDay()} scope="col" abbr={weekdayLong.format(date)}>
                    {weekday.format(date)}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {weeksOf(month).map((week, n) => (
                // biome-ignore lint/suspicious/noArrayIndexKey: weeks and days keep their places
                <tr key={n}>
                  {week.map((each, column) =>
                    each === null ? (
                      // biome-ignore lint/suspicious/noArrayIndexKey: as above
                      <td key={column} />
                    ) : (
                      <td key={each}>
                        <DayButton
                          day={each}
                          count={counts.data.byDay.get(each) ?? 0}
                          isToday={each === today}
                          isChosen={each === day}
                          onChoose={() => change({ day: each === day ? undefined : each })}
                        />
                      </td>
                    ),
                  )}
                </tr>
              ))}
            </tbody>
          </table>
          {!counts.data.isComplete && (
            <Text size="sm" className="dim">
              More than {COUNTED} are scheduled in this month; only the first {COUNTED} are counted. Narrow it
              down by template, category or channel, or choose the list.
            </Text>
          )}
        </>
      )}
      {day !== undefined && (
        <Stack component="section" aria-label="The day">
          <Title order={2}>{dayName.format(new Date(`${day}T00:00`))}</Title>
          <ScheduledList key={day} from={new Date(`${day}T00:00`)} to={dayAfter(day)} />
        </Stack>
      )}
    </Stack>
  );
}

function DayButton({
  day,
  count,
  isToday,
  isChosen,
  onChoose,
}: {
  day: string;
  count: number;
  isToday: boolean;
  isChosen: boolean;
  onChoose(): void;
}) {
  return (
    <button
      type="button"
      title={dayName.format(new Date(`${day}T00:00`))}
      aria-pressed={isChosen}
      onClick={onChoose}
    >
      <span className={isToday ? 'today' : ''}>{Number(day.slice(-2))}</span>{' '}
      {count > 0 && (
        <span className="count">
          {count} <span className="unit">{count === 1 ? 'message' : 'messages'}</span>
        </span>
      )}
    </button>
  );
}

function dayAfter(day: string): Date {
  const date = new Date(`${day}T00:00`);
  date.setDate(date.getDate() + 1);
  return date;
}

/** Counts what is scheduled by the day of the viewer. */
async function countByDay(
  query: ReturnType<typeof useQueryOf>,
  signal: AbortSignal,
): Promise<{ byDay: Map<string, number>; isComplete: boolean }> {
  const byDay = new Map<string, number>();
  let cursor: string | undefined;
  let seen = 0;
  do {
    const page = await call('listNotifications', { query: { ...query, limit: 200, cursor } }, { signal });
    for (const { next_attempt_at, send_at } of page.data) {
      const day = dayOf(new Date(next_attempt_at ?? send_at ?? 0));
      byDay.set(day, (byDay.get(day) ?? 0) + 1);
    }
    seen += page.data.length;
    cursor = page.next_cursor ?? undefined;
  } while (cursor !== undefined && seen < COUNTED);
  return { byDay, isComplete: cursor === undefined };
}
