import type { Suppression } from '@carillon/client/api-types';
import { Anchor, Stack, Text, Title } from '@mantine/core';
import { Link, useNavigate, useParams } from '@tanstack/react-router';
import { CarillonError } from '../api/call.ts';
import { Copyable } from '../elements/copy.tsx';
import { Loading } from '../elements/data-table.tsx';
import { Empty } from '../elements/empty.tsx';
import { Facts } from '../elements/facts.tsx';
import { Mark } from '../elements/mark.tsx';
import { PageFrame } from '../elements/page.tsx';
import { ProblemAlert } from '../elements/problem.tsx';
import { Time } from '../elements/time.tsx';
import { EvidenceView, useSuppression } from './evidence.tsx';
import { LiftButton } from './lift.tsx';
import { addedBy, CHANNEL_WORDS, REASON_MEANING, REASON_WORDS } from './words.ts';

export default function SuppressionPage() {
  const { channel, hash } = useParams({ strict: false }) as { channel: string; hash: string };
  const of = { channel: channel as Suppression['channel'], address_hash: hash };
  const query = useSuppression(of);
  const navigate = useNavigate();
  const row = query.data;
  return (
    <PageFrame
      title="Suppressed address"
      actions={
        row && (
          <LiftButton of={row} size="sm" onLifted={() => void navigate({ to: '/suppressions' as never })} />
        )
      }
    >
      <Anchor component={Link} to="/suppressions" size="sm">
        All suppressions
      </Anchor>
      {query.isPending ? (
        <Loading />
      ) : row === undefined ? (
        query.error instanceof CarillonError && query.error.status === 404 ? (
          <Empty title="This address may be written to">It is not suppressed, or not any more.</Empty>
        ) : (
          <ProblemAlert error={query.error} retry={() => void query.refetch()} />
        )
      ) : (
        <>
          <Facts
            facts={[
              [
                'Reason',
                <Mark key="reason" tone={row.reason === 'manual' ? 'neutral' : 'bad'}>
                  {REASON_WORDS[row.reason]}
                </Mark>,
              ],
              ['Channel', CHANNEL_WORDS[row.channel]],
              ['Remark', row.detail ?? <span className="dim">none</span>],
              ['Added by', addedBy(row.added_by)],
              ['Since', <Time key="since" at={row.created_at} />],
              ['Hash of the address', <Copyable key="hash" text={row.address_hash} label="the hash" />],
            ]}
          />
          <Stack gap="xs" maw="48rem">
            <Title order={2}>What it means</Title>
            <Text size="sm">{REASON_MEANING[row.reason]}</Text>
          </Stack>
          <Stack gap="xs" maw="48rem">
            <Title order={2}>What the provider said</Title>
            <EvidenceView evidence={row.evidence} />
          </Stack>
        </>
      )}
    </PageFrame>
  );
}
