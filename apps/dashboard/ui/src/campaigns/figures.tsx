import type { Campaign, CampaignCounts } from '@carillon/client/api-types';
import { NOT_MADE_REASONS } from '@carillon/core/campaign/counts';
import { NOT_MADE_WORDS } from '@carillon/core/campaign/wording';
import { STATE_WORDS } from '@carillon/core/notification/wording';
import { Anchor, Group, Progress, SimpleGrid, Stack, Table, Text } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { percent } from '../elements/quantities.ts';
import { progressOf } from './words.tsx';

const number = (n: number): string => n.toLocaleString();

const OPEN = [
  ['in_progress', 'Being sent', 'In a lane, or being handed to a provider'],
  ['scheduled', STATE_WORDS.scheduled.title, 'Held by quiet hours, or by a pause of the recipient'],
  ['retrying', STATE_WORDS.retrying.title, STATE_WORDS.retrying.means],
  ['in_doubt', STATE_WORDS.in_doubt.title, STATE_WORDS.in_doubt.means],
] as const;
const FINAL = [
  'delivered',
  'sent',
  'failed',
  'dead',
  'suppressed',
  'skipped',
  'cancelled',
  'expired',
] as const;

/** How far a campaign is, and where everybody of its audience is: figures that add up, each a link to its people. */
export function Figures({ campaign: { id, counts, state } }: { campaign: Campaign }) {
  const leftOut = counts.planned - counts.remaining - counts.made;
  const to = (state: string, reason?: string) =>
    `/campaigns/${id}/recipients?state=${state}${reason === undefined ? '' : `&reason=${reason}`}`;
  const reasons = NOT_MADE_REASONS.filter((reason) => (counts.not_made[reason] ?? 0) > 0);
  return (
    <Stack>
      <Bar counts={counts} />
      <SimpleGrid cols={{ base: 1, md: 3 }} spacing="lg">
        <Part title={state === 'cancelled' ? 'Not sent' : 'On their way'} n={counts.remaining + counts.open}>
          <Row
            name="Not looked at yet"
            note="Made as they can be sent"
            n={counts.remaining}
            to={to('remaining')}
          />
          {OPEN.map(([state, name, note]) => (
            <Row key={state} name={name} note={note} n={counts[state]} to={to(state)} />
          ))}
        </Part>
        <Part title="Ended" n={counts.made - counts.open}>
          {FINAL.map((state) => (
            <Row
              key={state}
              name={STATE_WORDS[state].title}
              note={STATE_WORDS[state].means}
              n={counts[state]}
              to={to(state)}
            />
          ))}
        </Part>
        <Part title="Left out" n={leftOut}>
          {reasons.map((reason) => (
            <Row
              key={reason}
              name={NOT_MADE_WORDS[reason].title}
              note={NOT_MADE_WORDS[reason].means}
              n={counts.not_made[reason]!}
              to={to('not_made', reason)}
            />
          ))}
          {reasons.length === 0 && <Row name="Nobody" n={0} to={to('not_made')} />}
        </Part>
      </SimpleGrid>
      <Text size="xs" className="dim">
        {number(counts.planned)} planned = {number(counts.remaining + counts.open)}{' '}
        {state === 'cancelled' ? 'not sent' : 'on their way'} + {number(counts.made - counts.open)} ended +{' '}
        {number(leftOut)} left out. Exact at one moment, whenever you look.
      </Text>
    </Stack>
  );
}

function Bar({ counts }: { counts: CampaignCounts }) {
  const { over, share } = progressOf(counts);
  const of = (n: number) => (counts.planned === 0 ? 0 : (n / counts.planned) * 100);
  const good = counts.sent + counts.delivered;
  const bad = counts.failed + counts.dead;
  return (
    <Stack gap={4}>
      <Progress.Root size="lg" role="group" aria-label="How far it is">
        <Section value={of(good)} color="teal" words={`${number(good)} sent or delivered`} />
        <Section value={of(bad)} color="red" words={`${number(bad)} failed`} />
        <Section
          value={of(over - good - bad)}
          color="gray"
          words={`${number(over - good - bad)} got nothing`}
        />
        <Section value={of(counts.open)} color="blue" words={`${number(counts.open)} on their way`} />
      </Progress.Root>
      <Group gap="xs">
        <Text size="sm" role="status">
          {number(over)} of {number(counts.planned)} recipients are through
          {counts.planned > 0 && ` (${percent(share / 100)})`}
        </Text>
      </Group>
    </Stack>
  );
}

function Section({ value, color, words }: { value: number; color: string; words: string }) {
  return value === 0 ? null : (
    <Progress.Section value={value} color={color} aria-label={words} aria-valuetext={words} />
  );
}

function Part({ title, n, children }: { title: string; n: number; children: ReactNode }) {
  return (
    <Table aria-label={title} style={{ alignSelf: 'start' }}>
      <Table.Thead>
        <Table.Tr>
          <Table.Th scope="col">{title}</Table.Th>
          <Table.Th scope="col" ta="right">
            {number(n)}
          </Table.Th>
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>{children}</Table.Tbody>
    </Table>
  );
}

function Row({ name, note, n, to }: { name: string; note?: string; n: number; to: string }) {
  const [pathname, query] = to.split('?') as [string, string];
  return (
    <Table.Tr>
      <Table.Th scope="row" fw={400} title={note} className={n === 0 ? 'dim' : undefined}>
        {name}
      </Table.Th>
      <Table.Td ta="right">
        {n === 0 ? (
          <span className="dim">0</span>
        ) : (
          <Anchor
            component={Link}
            to={pathname}
            search={Object.fromEntries(new URLSearchParams(query)) as never}
            size="sm"
            aria-label={`${number(n)}: ${name}, see who`}
          >
            {number(n)}
          </Anchor>
        )}
      </Table.Td>
    </Table.Tr>
  );
}
