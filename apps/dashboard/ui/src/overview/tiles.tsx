import type { Overview } from '@carillon/client/api-types';
import { Anchor, Card, SimpleGrid, Text } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { useMay } from '../api/session.tsx';
import { Mark, type Tone } from '../elements/mark.tsx';
import { bytes, count, duration, rate } from '../elements/quantities.ts';
import { ago } from '../elements/time.tsx';

/** The leader of the workers measures every few seconds; older figures say how old they are. */
const OLD_MS = 60_000;

/** The figures that say whether a person has to do something. */
export function Tiles({ overview }: { overview: Overview }) {
  const { rates, backlog, redis, stuck, measured_at: now } = overview;
  const maySee = useMay()('notifications:read');
  const age = (at: string): string | null =>
    Date.parse(now) - Date.parse(at) > OLD_MS ? `measured ${ago(at, Date.parse(now))}` : null;
  const doubts = backlog?.in_doubt ?? [];
  const forPerson = doubts.find(({ waits_for }) => waits_for === 'person');
  const inDoubt = doubts.reduce((sum, each) => sum + each.count, 0);
  const lag = Math.max(0, ...overview.lanes.map(({ relay_lag_seconds }) => relay_lag_seconds));
  const rows = overview.lanes.reduce((sum, { outbox_rows }) => sum + outbox_rows, 0);
  const share = redis?.max_bytes ? redis.used_bytes / redis.max_bytes : null;
  const seconds = rates && Math.round((Date.parse(rates.to) - Date.parse(rates.from)) / 1000);
  return (
    <SimpleGrid cols={{ base: 2, sm: 4 }} spacing="sm">
      <Tile name="Accepted per second" note={rates && `over ${seconds} s`}>
        {rates ? rate(rates.accepted_per_second) : '-'}
      </Tile>
      <Tile name="Sent per second" note={rates && `over ${seconds} s`}>
        {rates ? rate(rates.sent_per_second) : '-'}
      </Tile>
      <Tile
        name="Dead"
        to={maySee ? '/notifications?status=dead' : undefined}
        tone={backlog && backlog.dead > 0 ? 'doubt' : 'good'}
        says={backlog && backlog.dead > 0 ? 'retry or leave them' : 'none'}
        note={backlog && age(backlog.measured_at)}
      >
        {backlog ? `${count(backlog.dead)}${backlog.dead_is_complete ? '' : '+'}` : '-'}
      </Tile>
      <Tile
        name="In doubt"
        to={maySee ? '/notifications?status=in_doubt' : undefined}
        tone={forPerson && forPerson.count > 0 ? 'doubt' : inDoubt > 0 ? 'waiting' : 'good'}
        says={
          forPerson && forPerson.count > 0
            ? `${count(forPerson.count)} wait for a person`
            : inDoubt > 0
              ? 'wait for evidence'
              : 'none'
        }
        note={forPerson && forPerson.count > 0 ? `oldest ${duration(forPerson.oldest_seconds * 1000)}` : null}
      >
        {count(inDoubt)}
      </Tile>
      <Tile
        name="Relay lag"
        tone={lag > 10 ? 'bad' : lag > 2 ? 'doubt' : 'good'}
        says={lag > 2 ? 'the relay is late' : 'in time'}
        note={rows > 0 ? `${count(rows)} rows to publish` : null}
      >
        {duration(lag * 1000)}
      </Tile>
      <Tile name="Events waiting" note={backlog && age(backlog.measured_at)}>
        {backlog ? count(backlog.events_pending) : '-'}
      </Tile>
      <Tile
        name="Redis memory"
        {...(share !== null && {
          tone: share > 0.9 ? 'bad' : share > 0.75 ? 'doubt' : 'good',
          says: `${Math.round(share * 100)} % of the limit`,
        })}
        note={redis ? age(redis.measured_at) : 'no worker has measured it'}
      >
        {redis ? bytes(redis.used_bytes) : '-'}
      </Tile>
      <Tile
        name="Stuck"
        {...(stuck && {
          tone: stuck.count > 0 ? 'bad' : 'good',
          says: stuck.count > 0 ? kindsOf(stuck.by_kind) : 'none',
        })}
        note={stuck ? `audited ${ago(stuck.audited_at, Date.parse(now))}` : 'no worker has looked for them'}
      >
        {stuck ? count(stuck.count) : '-'}
      </Tile>
    </SimpleGrid>
  );
}

const kindsOf = (kinds: Record<string, number>): string =>
  Object.entries(kinds)
    .filter(([, number]) => number > 0)
    .map(([kind, number]) => `${kind} ${number}`)
    .join(', ');

function Tile({
  name,
  children,
  tone,
  says,
  note,
  to,
}: {
  name: string;
  /** Where those of this app are listed. */
  to?: string | undefined;
  children: ReactNode;
  tone?: Tone;
  says?: string;
  note?: string | null;
}) {
  return (
    <Card withBorder padding="sm">
      {to === undefined ? (
        <Text size="sm" className="dim">
          {name}
        </Text>
      ) : (
        <Anchor size="sm" component={Link} to={to}>
          {name}
        </Anchor>
      )}
      <Text fz="1.6rem" fw={650} lh={1.25} style={{ fontVariantNumeric: 'tabular-nums' }}>
        {children}
      </Text>
      {tone !== undefined && says !== undefined && (
        <div>
          <Mark tone={tone}>{says}</Mark>
        </div>
      )}
      {note && (
        <Text size="xs" className="dim" mt={4}>
          {note}
        </Text>
      )}
    </Card>
  );
}
