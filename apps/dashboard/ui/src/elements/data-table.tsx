import { Button, Group, Skeleton, Stack, Table, Text } from '@mantine/core';
import { useMediaQuery } from '@mantine/hooks';
import type { ReactNode } from 'react';
import type { PagesQuery } from './pages-query.ts';
import { ProblemAlert } from './problem.tsx';
import { Stale } from './stale.tsx';

export interface Column<Row> {
  /** The head of the column, and the label of the value on a card. */
  title: string;
  /** null, false or '': there is nothing; a card leaves it out. */
  cell(row: Row): ReactNode;
  /** Not shown on a narrow screen. */
  wideOnly?: boolean;
  align?: 'right';
}

/**
 * A list of the API: a table on a wide screen, cards on a narrow one, further pages behind a button.
 *
 * @param label of the table, for those who hear it.
 * @param empty shown where there is nothing; see Empty.
 */
export function DataTable<Row>({
  query,
  columns,
  rowKey,
  label,
  empty,
}: {
  query: PagesQuery<Row>;
  columns: readonly Column<Row>[];
  rowKey(row: Row): string;
  label: string;
  empty: ReactNode;
}) {
  if (query.isPending) return <Loading />;
  if (query.isError && query.data === undefined)
    return <ProblemAlert error={query.error} retry={() => void query.refetch()} />;
  const rows = query.data?.pages.flatMap(({ data }) => data) ?? [];
  return (
    <Stack gap="sm">
      {query.isError && <Stale since={query.dataUpdatedAt} error={query.error} />}
      {rows.length === 0 && !query.hasNextPage ? (
        empty
      ) : (
        <RowsTable rows={rows} columns={columns} rowKey={rowKey} label={label} />
      )}
      {query.hasNextPage && (
        <Group>
          <Button
            variant="default"
            loading={query.isFetchingNextPage}
            onClick={() => void query.fetchNextPage()}
          >
            {rows.length === 0 ? 'Look further back' : 'Show more'}
          </Button>
          <Text size="sm" className="dim">
            {rows.length} shown
          </Text>
        </Group>
      )}
    </Stack>
  );
}

interface Rows<Row> {
  rows: readonly Row[];
  columns: readonly Column<Row>[];
  rowKey(row: Row): string;
  label: string;
  /** Narrower than this it scrolls sideways. */
  minWidth?: number;
}

/** Rows that are there already: a table on a wide screen, cards on a narrow one. */
export function RowsTable<Row>(props: Rows<Row>) {
  const isNarrow = useMediaQuery('(max-width: 48em)') ?? false;
  return isNarrow ? <Cards {...props} /> : <Wide {...props} />;
}

function Wide<Row>({ rows, columns, rowKey, label, minWidth = 600 }: Rows<Row>) {
  return (
    <Table.ScrollContainer minWidth={minWidth} type="native" tabIndex={0}>
      <Table aria-label={label}>
        <Table.Thead>
          <Table.Tr>
            {columns.map(({ title, align }) => (
              <Table.Th key={title} ta={align}>
                {title}
              </Table.Th>
            ))}
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {rows.map((row) => (
            <Table.Tr key={rowKey(row)}>
              {columns.map(({ title, cell, align }) => (
                <Table.Td key={title} ta={align}>
                  {cell(row)}
                </Table.Td>
              ))}
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  );
}

function Cards<Row>({ rows, columns, rowKey, label }: Rows<Row>) {
  const shown = columns.filter(({ wideOnly }) => !wideOnly);
  return (
    <ul aria-label={label} style={{ listStyle: 'none', margin: 0, padding: 0 }}>
      {rows.map((row) => (
        <li key={rowKey(row)} className="card-row">
          {shown
            .map(({ title, cell }) => ({ title, value: cell(row) }))
            .filter(({ value }) => value !== null && value !== '' && value !== false)
            .map(({ title, value }) => (
              <Group key={title} gap="xs" align="baseline" wrap="nowrap" className="card-line">
                <Text size="xs" className="dim" w={92} style={{ flex: 'none' }}>
                  {title}
                </Text>
                <div style={{ minWidth: 0, overflowWrap: 'anywhere' }}>{value}</div>
              </Group>
            ))}
        </li>
      ))}
    </ul>
  );
}

/** In the place of a list or a page that is being loaded. */
export function Loading() {
  return (
    <Stack gap="xs" role="status" aria-label="Loading">
      {[80, 95, 70, 90].map((width) => (
        <Skeleton key={width} height={22} width={`${width}%`} />
      ))}
    </Stack>
  );
}
