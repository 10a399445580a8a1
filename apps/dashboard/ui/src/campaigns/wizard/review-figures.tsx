import type { Campaign, CampaignReview } from '@carillon/client/api-types';
import { reachableOf } from '@carillon/core/campaign/problems';
import type { ReviewResult } from '@carillon/core/campaign/review';
import { CHANNELS } from '@carillon/core/notification/channel';
import { SimpleGrid, Table, Text } from '@mantine/core';
import type { ReactNode } from 'react';
import { Time } from '../../elements/time.tsx';
import { CHANNEL_NAMES } from '../../templates/texts.ts';

const number = (n: number): string => n.toLocaleString();

/** The figures of a review: they add up to the audience. */
export function ReviewFigures({
  review,
  of,
  campaign,
}: {
  review: CampaignReview;
  of: ReviewResult;
  campaign: Campaign;
}) {
  const missing = Object.entries(of.missing_variable).sort(([a], [b]) => (a < b ? -1 : 1));
  const channels = CHANNELS.filter(
    (channel) => of.reachable[channel] !== undefined || campaign.route.includes(channel),
  );
  return (
    <>
      <SimpleGrid cols={{ base: 1, md: 2 }} spacing="lg">
        <Figures label="The audience">
          <Row name="Recipients of the audience" n={of.matched} strong />
          {channels.map((channel) => (
            <Row
              key={channel}
              name={`Reachable by ${CHANNEL_NAMES[channel]}`}
              n={of.reachable[channel] ?? 0}
            />
          ))}
          <Row name="Opted out" note="They do not want it by any of its channels" n={of.opted_out} />
          <Row name="Suppressed" note="After bounces, complaints or unsubscriptions" n={of.suppressed} />
          <Row name="No address" note="Nothing that its channels reach" n={of.no_contact_point} />
        </Figures>
        <Figures label="Of those who are reachable">
          <Row name="Reachable in all" n={reachableOf(of)} strong />
          {missing.map(([name, n]) => (
            <Row
              key={name}
              name={
                <>
                  Without <span className="mono">{name}</span>
                </>
              }
              note="The text prints it: they get nothing"
              n={n}
            />
          ))}
          {missing.length === 0 && (
            <Row name="Without a variable" note="Everybody has what the texts print" n={0} />
          )}
          <Row
            name="In quiet hours now"
            note="Held until they end, if they are when it is sent"
            n={of.quiet_now}
          />
          <Row name="Time zone unknown" note="The app's time zone counts for them" n={of.unknown_zone} />
        </Figures>
      </SimpleGrid>
      <Text size="sm" className="dim" component="div">
        Counted at <Time at={review.counted_at} />
        {review.ends_at !== null && (
          <>
            . At this rate the last one is made at <Time at={review.ends_at} />
          </>
        )}
        .
        {campaign.holdout_percent > 0 &&
          ` ${campaign.holdout_percent} % of them are held out and get nothing.`}
      </Text>
    </>
  );
}

function Figures({ label, children }: { label: string; children: ReactNode }) {
  return (
    <Table aria-label={label} style={{ alignSelf: 'start' }}>
      <Table.Tbody>{children}</Table.Tbody>
    </Table>
  );
}

function Row({
  name,
  note,
  n,
  strong = false,
}: {
  name: ReactNode;
  note?: string;
  n: number;
  strong?: boolean;
}) {
  return (
    <Table.Tr>
      <Table.Th scope="row" fw={strong ? 650 : 400}>
        {name}
        {note !== undefined && (
          <Text size="xs" className="dim">
            {note}
          </Text>
        )}
      </Table.Th>
      <Table.Td ta="right" fw={strong ? 650 : 400} style={{ verticalAlign: 'top' }}>
        {number(n)}
      </Table.Td>
    </Table.Tr>
  );
}
