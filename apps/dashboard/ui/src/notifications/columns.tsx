import type { Notification } from '@carillon/client/api-types';
import { errorWords } from '@carillon/core/notification/wording';
import { Anchor, Text } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import type { Column } from '../elements/data-table.tsx';
import { Time } from '../elements/time.tsx';
import { StateMark } from '../elements/words.tsx';
import { recipientOf } from './recipient-of.ts';

export const COLUMNS: readonly Column<Notification>[] = [
  {
    title: 'To',
    cell: (row) => (
      <Anchor
        component={Link}
        to={`/notifications/${row.id}`}
        size="sm"
        style={{ overflowWrap: 'anywhere', minWidth: '11rem', display: 'inline-block' }}
      >
        {recipientOf(row)}
      </Anchor>
    ),
  },
  { title: 'State', cell: ({ status }) => <StateMark state={status} /> },
  {
    title: 'Channel',
    cell: ({ channel, priority }) => (
      <span style={{ whiteSpace: 'nowrap' }}>
        {channel}, {priority}
      </span>
    ),
  },
  { title: 'What', cell: ({ template, category }) => <What template={template} category={category} /> },
  {
    title: 'Error',
    cell: ({ error }) =>
      error === null ? null : <Text size="sm">{errorWords({ code: error.code }).title}</Text>,
  },
  { title: 'Accepted', cell: ({ created_at }) => <Time at={created_at} /> },
  {
    title: 'Due',
    wideOnly: true,
    cell: ({ next_attempt_at }) => (next_attempt_at === null ? null : <Time at={next_attempt_at} />),
  },
];

function What({ template, category }: { template: string | null; category: string | null }) {
  return (
    <Text size="sm" component="span">
      {template ?? 'inline text'}
      {category !== null && <span className="dim"> · {category}</span>}
    </Text>
  );
}
