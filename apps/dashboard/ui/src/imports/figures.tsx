import type { Import } from '@carillon/client/api-types';
import { Table, Text } from '@mantine/core';
import { number } from './words.tsx';

/** What became of the rows, or would; the figures add up to the rows that were read. */
export function Figures({ of }: { of: Import }) {
  const isCheck = of.dry_run;
  const rows = [
    ['New', of.created, isCheck ? 'People who would be stored' : 'People who were stored'],
    [
      'Changed',
      of.updated,
      isCheck ? 'People who are there and would change' : 'People who were there and changed',
    ],
    ['Unchanged', of.unchanged, 'Everything was so already, or a later row of the same id replaces the row'],
    ['Refused', of.failed, 'Rows with errors; they are left out'],
  ] as const;
  return (
    <Table aria-label={isCheck ? 'What would change' : 'What changed'} maw="46rem">
      <Table.Tbody>
        {rows.map(([title, n, means]) => (
          <Table.Tr key={title}>
            <Table.Th scope="row" fw={400}>
              {title}
              <Text size="xs" className="dim">
                {means}
              </Text>
            </Table.Th>
            <Table.Td ta="right">{number(n)}</Table.Td>
          </Table.Tr>
        ))}
        <Table.Tr>
          <Table.Th scope="row">Rows read</Table.Th>
          <Table.Td ta="right">
            <strong>{number(of.read)}</strong>
          </Table.Td>
        </Table.Tr>
      </Table.Tbody>
    </Table>
  );
}
