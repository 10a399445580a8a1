import type { Campaign } from '@carillon/client/api-types';
import { Group, NumberInput } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { exchange } from '../api/call.ts';
import { useHere, useMay } from '../api/session.tsx';
import { ConfirmButton } from '../elements/confirm.tsx';
import { campaignKey } from './read.ts';

/** The rate while it runs: a change holds from the next slice on. */
export default function Throttle({ campaign, etag }: { campaign: Campaign; etag: string }) {
  const may = useMay();
  const { tenant } = useHere();
  const queries = useQueryClient();
  const { id, throttle_per_minute: now, state } = campaign;
  const [next, setNext] = useState<number | ''>(now ?? '');
  const words = now === null ? 'as fast as possible' : `at most ${now.toLocaleString()} a minute`;
  if (!may('campaigns:*') || (state !== 'running' && state !== 'paused')) return words;
  return (
    <Group gap="xs" component="span">
      {words}
      <ConfirmButton
        label="Change"
        size="compact-xs"
        title="How fast it is sent"
        confirm="Change it"
        done="The rate is changed."
        action={async () => {
          const body = { throttle_per_minute: next === '' ? null : next };
          const stored = await exchange('patchCampaign', { path: { id }, body }, { ifMatch: etag });
          queries.setQueryData(campaignKey(tenant, id), {
            campaign: stored.body,
            etag: stored.header('etag') ?? '',
          });
        }}
      >
        <NumberInput
          label="Messages a minute, at most"
          description="Empty: as fast as possible. It holds within five seconds."
          min={1}
          max={10_000_000}
          allowDecimal={false}
          thousandSeparator=","
          value={next}
          onChange={(value) => setNext(typeof value === 'number' ? value : '')}
        />
      </ConfirmButton>
    </Group>
  );
}
