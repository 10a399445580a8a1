import type { Campaign } from '@carillon/client/api-types';
import { Group, Radio, Stack, Text } from '@mantine/core';
import { useState } from 'react';
import { useMay } from '../api/session.tsx';
import { NewCampaign } from './new-campaign.tsx';

const FOLLOW_UPS = [
  ['not_made', 'Those who have not had it', 'Left out, cancelled or not reached when it was stopped'],
  ['failed', 'Those for whom it failed', 'Their message failed or was given up'],
  ['joined_since', 'Those who joined since', 'They belong to its audience now, and were not in it'],
] as const;

/** A new draft with the same content, for those whom this one did not reach. */
export default function FollowUp({ campaign }: { campaign: Campaign }) {
  const may = useMay();
  const [part, setPart] = useState<(typeof FOLLOW_UPS)[number][0]>('not_made');
  const isStarted = campaign.counts.planned > 0;
  if (!may('campaigns:*') || !isStarted) return null;
  const { template, route, category, priority, data, variables, events, variants } = campaign;
  return (
    <Stack gap="sm" component="section" aria-label="Follow-up">
      <Radio.Group
        label="Send it to those whom it did not reach"
        value={part}
        onChange={(next) => setPart(next as typeof part)}
      >
        <Stack gap="xs" mt="xs">
          {FOLLOW_UPS.map(([value, label, description]) => (
            <Radio key={value} value={value} label={label} description={description} />
          ))}
        </Stack>
      </Radio.Group>
      <Group gap="sm">
        <NewCampaign
          key={part}
          label="Make a follow-up"
          variant="default"
          name={`${campaign.name}, follow-up`.slice(0, 200)}
          fields={{
            ...(template !== null && { template }),
            route,
            ...(category !== null && { category }),
            priority: priority === 'normal' ? 'normal' : 'bulk',
            data,
            variables,
            events,
            variants: variants.map(({ key, template: text, weight }) => ({ key, template: text, weight })),
            audience: { filter: { campaign: campaign.id, is: part } },
          }}
        />
        <Text size="xs" className="dim">
          A draft with the same content; nothing is sent yet.
        </Text>
      </Group>
    </Stack>
  );
}
