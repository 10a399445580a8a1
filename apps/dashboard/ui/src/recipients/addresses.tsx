import type {
  ContactPoint,
  ContactPointSuppression,
  RecipientWithReachability,
} from '@carillon/client/api-types';
import { Button, Card, Group, Stack, Text, Title } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { useQueryClient } from '@tanstack/react-query';
import { call } from '../api/call.ts';
import { useMay } from '../api/session.tsx';
import { Facts } from '../elements/facts.tsx';
import { Mark } from '../elements/mark.tsx';
import { ReasonButton } from '../elements/reason-button.tsx';
import { Time } from '../elements/time.tsx';
import { Evidence } from '../suppressions/evidence.tsx';
import { LiftButton } from '../suppressions/lift.tsx';
import { addedBy, REASON_WORDS } from '../suppressions/words.ts';
import { KIND_WORDS } from './words.ts';

/** Every address and device of a person, with what stands in its way and how that is undone. */
export function Addresses({ recipient }: { recipient: RecipientWithReachability }) {
  const { recipient_id: id, contact_points: points, suppressions } = recipient;
  const ofInbox = suppressions.filter(({ contact_point_id }) => contact_point_id === null);
  return (
    <Stack gap="sm">
      {points.length === 0 && (
        <Text size="sm">No address and no device: only in-app messages reach them.</Text>
      )}
      {points.map((point) => (
        <PointCard
          key={point.id}
          recipientId={id}
          point={point}
          suppression={suppressions.find(({ contact_point_id }) => contact_point_id === point.id)}
        />
      ))}
      {ofInbox.map((suppression) => (
        <Card key={suppression.address_hash} withBorder padding="sm">
          <Group justify="space-between">
            <Title order={3} size="h4">
              In-app inbox
            </Title>
            <LiftButton of={suppression} />
          </Group>
          <SuppressionPart suppression={suppression} />
        </Card>
      ))}
    </Stack>
  );
}

function PointCard({
  recipientId,
  point,
  suppression,
}: {
  recipientId: string;
  point: ContactPoint;
  suppression: ContactPointSuppression | undefined;
}) {
  const isDisabled = point.disabled_at !== null;
  const enable = (reason: string) =>
    call('enableContactPoint', {
      path: { recipient_id: recipientId, contact_point_id: point.id },
      body: { reason },
    });
  return (
    <Card
      withBorder
      padding="sm"
      component="section"
      aria-label={`${KIND_WORDS[point.kind]} ${point.address}`}
    >
      <Group justify="space-between" align="start" gap="sm" mb={isDisabled || suppression ? 'xs' : 0}>
        <Group gap="sm" style={{ minWidth: 0 }}>
          <Text size="sm" className="dim">
            {KIND_WORDS[point.kind]}
          </Text>
          <Text fw={600} style={{ overflowWrap: 'anywhere' }}>
            {point.address}
          </Text>
          <PointState isDisabled={isDisabled} isSuppressed={suppression !== undefined} />
        </Group>
        <Group gap="xs">
          {suppression && (
            <LiftButton
              of={suppression}
              {...(isDisabled && {
                also: {
                  says: 'The address of this recipient is enabled again with it.',
                  run: enable,
                },
              })}
            />
          )}
          {isDisabled && !suppression && <EnableButton enable={enable} />}
        </Group>
      </Group>
      {isDisabled && (
        <Facts
          facts={[
            ['Disabled', <Time key="at" at={point.disabled_at} />],
            ['Because', point.disabled_reason ?? <span className="dim">not recorded</span>],
          ]}
        />
      )}
      {suppression && <SuppressionPart suppression={suppression} />}
    </Card>
  );
}

function PointState({ isDisabled, isSuppressed }: { isDisabled: boolean; isSuppressed: boolean }) {
  if (isSuppressed) return <Mark tone="bad">suppressed</Mark>;
  return isDisabled ? <Mark tone="bad">disabled</Mark> : <Mark tone="good">in use</Mark>;
}

function EnableButton({ enable }: { enable(reason: string): Promise<unknown> }) {
  const may = useMay();
  const queries = useQueryClient();
  if (!may('suppressions:*')) return null;
  return (
    <ReasonButton
      label="Enable again"
      size="xs"
      title="Enable this address again"
      confirm="Enable it"
      done="The address is used again."
      hint="Who says that it works again. The audit log keeps it."
      action={async (reason) => {
        await enable(reason);
        await queries.invalidateQueries();
      }}
    >
      Do this when its owner says that it works again. What bounces once more disables it at once, and costs
      the sender its reputation.
    </ReasonButton>
  );
}

function SuppressionPart({ suppression }: { suppression: ContactPointSuppression }) {
  const [shown, { toggle }] = useDisclosure();
  return (
    <Stack gap="xs" mt="xs">
      <Facts
        facts={[
          ['Suppressed', <Time key="at" at={suppression.created_at} />],
          ['Because it', REASON_WORDS[suppression.reason]],
          ['Remark', suppression.detail ?? <span className="dim">none</span>],
          ['Added by', addedBy(suppression.added_by)],
        ]}
      />
      <div>
        <Button variant="default" size="xs" onClick={toggle} aria-expanded={shown}>
          {shown ? 'Hide what the provider said' : 'What the provider said'}
        </Button>
      </div>
      {shown && <Evidence of={suppression} />}
    </Stack>
  );
}
