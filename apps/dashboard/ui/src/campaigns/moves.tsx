import type { Campaign } from '@carillon/client/api-types';
import { Stack, Textarea } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { call } from '../api/call.ts';
import { useHere, useMay } from '../api/session.tsx';
import { ConfirmButton } from '../elements/confirm.tsx';
import { campaignKey, readCampaign } from './read.ts';

/** Pause, resume, cancel: those that its state allows. */
export function Moves({ campaign }: { campaign: Campaign }) {
  const may = useMay();
  const { id, name, state, counts } = campaign;
  const { tenant } = useHere();
  const queries = useQueryClient();
  const [reason, setReason] = useState('');
  if (!may('campaigns:*')) return null;
  const path = { id };
  const body = reason.trim() === '' ? {} : { reason: reason.trim() };
  const changed = async () => {
    setReason('');
    queries.setQueryData(campaignKey(tenant, id), await readCampaign(id));
    await queries.invalidateQueries({ queryKey: [tenant.app, tenant.environment, 'campaigns'] });
  };
  const left = counts.planned === 0 ? null : counts.remaining + counts.open;
  const why = (
    <Textarea
      label="Reason"
      description="Optional; shown here and kept in the audit log."
      maxLength={500}
      rows={2}
      value={reason}
      onChange={(event) => setReason(event.currentTarget.value)}
    />
  );
  return (
    <>
      {(state === 'running' || state === 'scheduled') && (
        <ConfirmButton
          label="Pause"
          title={`Pause ${name}?`}
          confirm="Pause it"
          done="It is paused. Nothing further of it is handed over."
          action={async () => {
            await call('pauseCampaign', { path, body });
            await changed();
          }}
        >
          <Stack gap="sm">
            <div>
              Nothing of it is sent until you resume it, except what is being handed to a provider at this
              moment. What waits stays, and nobody is lost.
            </div>
            {why}
          </Stack>
        </ConfirmButton>
      )}
      {state === 'paused' && (
        <ConfirmButton
          label="Resume"
          variant="filled"
          title={`Resume ${name}?`}
          confirm="Resume it"
          done="It goes on."
          action={async () => {
            await call('resumeCampaign', { path, body: {} });
            await changed();
          }}
        >
          It goes on where it was{left === null ? '' : `: ${left.toLocaleString()} people are left`}. Nobody
          gets a second one.
        </ConfirmButton>
      )}
      {(state === 'running' || state === 'paused' || state === 'scheduled') && (
        <ConfirmButton
          label="Cancel"
          title={`Cancel ${name} for good?`}
          confirm="Cancel the campaign"
          done="It is cancelled."
          danger
          action={async () => {
            await call('cancelCampaign', { path, body });
            await changed();
          }}
        >
          <Stack gap="sm">
            <div>
              {left === null ? 'Nothing of it is sent.' : `${left.toLocaleString()} people do not get it.`}{' '}
              What was sent stays sent. This cannot be undone; a follow-up can reach the rest later.
            </div>
            {why}
          </Stack>
        </ConfirmButton>
      )}
    </>
  );
}
