import {
  type ArmResult,
  type ArmShare,
  type MetricVerdict,
  VERDICT_METRICS,
  type VerdictMetric,
  verdictOf,
} from '@carillon/core/campaign/verdict';
import { Group, Stack, Table, Text } from '@mantine/core';
import type { ReactNode } from 'react';
import { Mark } from '../elements/mark.tsx';

const METRIC_WORDS: Readonly<Record<VerdictMetric, string>> = {
  delivered: 'Delivered',
  opened: 'Opened',
  clicked: 'Clicked',
  failed: 'Failed',
};

/**
 * The variants of a campaign beside each other: shares with their intervals, and for each metric whether one is better or
 * it cannot be said yet. Nothing is chosen here: a person does that.
 *
 * @param metrics those that are counted; the others are not shown.
 * @param holdout recipients who get nothing, for comparison.
 * @param action what can be done with a variant, for those who may; left out for others.
 */
export default function VariantTable({
  arms,
  holdout,
  metrics = VERDICT_METRICS,
  action,
}: {
  arms: readonly ArmResult[];
  holdout: number;
  metrics?: readonly VerdictMetric[];
  action?: (key: string) => ReactNode;
}) {
  if (arms.length < 2) return <Text size="sm">The campaign has one text: there is nothing to compare.</Text>;
  const verdicts = verdictOf(arms).filter(({ metric }) => metrics.includes(metric));
  return (
    <Stack gap="md">
      <Table.ScrollContainer minWidth={560} type="native" tabIndex={0}>
        <Table aria-label="Variants" verticalSpacing="xs">
          <Table.Thead>
            <Table.Tr>
              <Table.Th scope="col">Variant</Table.Th>
              <Table.Th scope="col">Messages</Table.Th>
              {verdicts.map(({ metric }) => (
                <Table.Th key={metric} scope="col">
                  {METRIC_WORDS[metric]}
                </Table.Th>
              ))}
              {action && <Table.Th scope="col">Action</Table.Th>}
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {arms.map(({ key, tried }, place) => (
              <Table.Tr key={key}>
                <Table.Th scope="row">{key}</Table.Th>
                <Table.Td>{tried.toLocaleString()}</Table.Td>
                {verdicts.map(({ metric, arms: shares, best }) => (
                  <Table.Td key={metric}>
                    <Share of={shares[place]!} isBest={best === key} />
                  </Table.Td>
                ))}
                {action && <Table.Td>{action(key)}</Table.Td>}
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </Table.ScrollContainer>
      {holdout > 0 && (
        <Text size="sm">
          {holdout.toLocaleString()} {holdout === 1 ? 'recipient gets' : 'recipients get'} nothing, for
          comparison.
        </Text>
      )}
      <Verdicts verdicts={verdicts} />
    </Stack>
  );
}

function Verdicts({ verdicts }: { verdicts: readonly MetricVerdict[] }) {
  return (
    <Stack gap="xs" component="section" aria-label="Verdict">
      {verdicts.map(({ metric, verdict, text }) => (
        <Group key={metric} gap="sm" align="start" wrap="nowrap">
          <Mark tone={verdict === 'decided' ? 'good' : 'neutral'}>{METRIC_WORDS[metric]}</Mark>
          <Text size="sm">{text}</Text>
        </Group>
      ))}
      <Text size="xs" className="dim">
        Intervals at 95 %. Looking often finds differences by chance: decide on the time to look beforehand.
      </Text>
    </Stack>
  );
}

function Share({ of: { share, interval, count }, isBest }: { of: ArmShare; isBest: boolean }) {
  if (share === null || interval === null) return <span className="dim">none yet</span>;
  return (
    <Stack gap={0}>
      <Text size="sm" fw={isBest ? 700 : 400}>
        {percent(share)} {isBest && '(best)'}
      </Text>
      <Text size="xs" className="dim">
        {count.toLocaleString()}; {percent(interval.low)} to {percent(interval.high)}
      </Text>
    </Stack>
  );
}

const percent = (share: number): string =>
  share.toLocaleString(undefined, { style: 'percent', minimumFractionDigits: 1, maximumFractionDigits: 1 });
