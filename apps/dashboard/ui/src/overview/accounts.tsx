import type { Overview } from '@carillon/client/api-types';
import { Text, Tooltip } from '@mantine/core';
import { type Column, RowsTable } from '../elements/data-table.tsx';
import { Empty } from '../elements/empty.tsx';
import { Mark, type Tone } from '../elements/mark.tsx';
import { count, duration, percent } from '../elements/quantities.ts';

type Row = Overview['accounts'][number];

const USES: Record<Row['use'], { tone: Tone; words: string }> = {
  in_use: { tone: 'good', words: 'in use' },
  on_trial: { tone: 'waiting', words: 'on trial' },
  not_used: { tone: 'bad', words: 'not used' },
  switched_off: { tone: 'neutral', words: 'switched off' },
};

const columns: Column<Row>[] = [
  {
    title: 'Account',
    cell: ({ account, channel }) => (
      <>
        {account}{' '}
        <Text span size="xs" className="dim">
          {channel}
        </Text>
      </>
    ),
  },
  { title: 'Use', cell: (row) => <Use row={row} /> },
  { title: 'Calls', align: 'right', cell: ({ attempts }) => count(attempts) },
  {
    title: 'Accepted',
    align: 'right',
    cell: (row) => (row.success === null ? '-' : <Share row={row} success={row.success} />),
  },
  {
    title: '99 % within',
    align: 'right',
    cell: ({ call_ms: ms }) => (ms === null ? '-' : duration(ms.p99)),
  },
];

function Use({ row: { use, held_by, reason } }: { row: Row }) {
  const mark = <Mark tone={USES[use].tone}>{USES[use].words}</Mark>;
  const why = [held_by && `held by ${held_by}`, reason].filter(Boolean).join(': ');
  if (why === '') return mark;
  return (
    <>
      {mark}
      <Text size="xs" className="dim">
        {why}
      </Text>
    </>
  );
}

function Share({ row: { outcomes, attempts }, success }: { row: Row; success: number }) {
  const others = Object.entries(outcomes)
    .filter(([outcome]) => outcome !== 'accepted')
    .map(([outcome, number]) => `${outcome.replaceAll('_', ' ')} ${number}`);
  const label = others.length === 0 ? `all ${attempts}` : others.join(', ');
  return (
    <Tooltip label={label}>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: the tooltip is reached by keyboard too */}
      <span tabIndex={0}>{percent(success)}</span>
    </Tooltip>
  );
}

export function Accounts({ overview }: { overview: Overview }) {
  if (overview.accounts.length === 0)
    return (
      <Empty title="No account is known">
        Workers register the provider accounts that they send through when they start.
      </Empty>
    );
  return (
    <RowsTable
      rows={overview.accounts}
      columns={columns}
      rowKey={({ account }) => account}
      minWidth={380}
      label="Provider accounts: use, calls, share accepted, duration"
    />
  );
}
