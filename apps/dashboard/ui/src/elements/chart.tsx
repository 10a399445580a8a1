import { Button, Card, Center, Group, Loader, Table, Text, Title } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { lazy, Suspense } from 'react';
import type { ChartProps, Line } from './chart-props.ts';
import { formatTime } from './time.tsx';

const Plot = lazy(() => import('./plot.tsx'));

/** Lines over time, with the same numbers in words for those who do not see them, and as a table behind a button. */
export function Chart(props: ChartProps) {
  const { title, at, lines, format, empty = 'Nothing was measured in this time.' } = props;
  const [isTable, { toggle }] = useDisclosure();
  const isEmpty = lines.every(({ values }) => values.every((value) => value === null));
  return (
    <Card withBorder padding="sm">
      <Group justify="space-between" mb="xs" wrap="nowrap">
        <Title order={3} size="h5">
          {title}
        </Title>
        {!isEmpty && (
          <Button
            variant="subtle"
            color="gray"
            size="compact-xs"
            onClick={toggle}
            aria-label={isTable ? `${title} as a chart` : `${title} as a table`}
          >
            {isTable ? 'Chart' : 'Table'}
          </Button>
        )}
      </Group>
      {isEmpty ? (
        <Center h={200}>
          <Text size="sm" className="dim">
            {empty}
          </Text>
        </Center>
      ) : isTable ? (
        <Numbers title={title} at={at} lines={lines} format={format} />
      ) : (
        <figure style={{ margin: 0 }} aria-label={`${title}. ${inWords(lines, format)}`}>
          <Suspense
            fallback={
              <Center h={200}>
                <Loader size="sm" aria-label="Loading the chart" />
              </Center>
            }
          >
            <Plot {...props} />
          </Suspense>
        </figure>
      )}
    </Card>
  );
}

function inWords(lines: readonly Line[], format: (value: number) => string): string {
  return lines
    .map(({ name, values }) => {
      const known = values.filter((value) => value !== null);
      if (known.length === 0) return `${name}: nothing measured.`;
      return `${name}: ${format(known.at(-1)!)} at the end, ${format(Math.min(...known))} to ${format(Math.max(...known))}.`;
    })
    .join(' ');
}

function Numbers({ title, at, lines, format }: Pick<ChartProps, 'title' | 'at' | 'lines' | 'format'>) {
  const steps = at
    .map((second, k) => ({ second, values: lines.map(({ values }) => values[k] ?? null) }))
    .filter(({ values }) => values.some((value) => value !== null))
    .reverse();
  return (
    <Table.ScrollContainer minWidth={260} maxHeight={240} type="native" tabIndex={0}>
      <Table aria-label={title} stickyHeader verticalSpacing={4} fz="xs">
        <Table.Thead>
          <Table.Tr>
            <Table.Th>From</Table.Th>
            {lines.map(({ name }) => (
              <Table.Th key={name} ta="right">
                {name}
              </Table.Th>
            ))}
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {steps.map(({ second, values }) => (
            <Table.Tr key={second}>
              <Table.Td style={{ whiteSpace: 'nowrap' }}>{formatTime(new Date(second * 1000))}</Table.Td>
              {values.map((value, k) => (
                <Table.Td key={lines[k]!.name} ta="right">
                  {value === null ? '' : format(value)}
                </Table.Td>
              ))}
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  );
}
