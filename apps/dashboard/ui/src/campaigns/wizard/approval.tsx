import type { Campaign } from '@carillon/client/api-types';
import { Group, Text } from '@mantine/core';
import { exchange } from '../../api/call.ts';
import { useHere } from '../../api/session.tsx';
import { ConfirmButton } from '../../elements/confirm.tsx';
import { Mark } from '../../elements/mark.tsx';
import type { Read } from '../read.ts';

/** Whether another person has approved exactly this version, and the button for those who did not write it. */
export function Approval({
  campaign,
  etag,
  accept,
}: {
  campaign: Campaign;
  etag: string;
  accept(read: Read): void;
}) {
  const { session } = useHere();
  const { id, needs_approval, approved_by, created_by, updated_by, state } = campaign;
  const isAuthor = [created_by, updated_by].includes(`staff:${session.staff.email}`);
  return (
    <Group gap="sm" component="section" aria-label="Approval">
      {approved_by !== null ? (
        <Mark tone="good">Approved</Mark>
      ) : needs_approval ? (
        <Mark tone="waiting">Needs an approval</Mark>
      ) : (
        <Mark tone="neutral">Not approved</Mark>
      )}
      <Text size="sm" style={{ flex: '1 1 16rem' }}>
        {approved_by === null
          ? needs_approval
            ? 'This app asks that another person approves a campaign before it is scheduled. Any change voids it.'
            : 'This app does not ask for an approval. Another person may approve it all the same.'
          : `By ${approved_by.replace(/^staff:/, '')}, exactly as it is now. Any change voids it.`}
      </Text>
      {approved_by === null && state === 'draft' && !isAuthor && (
        <ConfirmButton
          label="Approve"
          title={`Approve ${campaign.name}?`}
          confirm="Approve it"
          done="It is approved."
          action={async () => {
            const { body, header } = await exchange('approveCampaign', { path: { id } }, { ifMatch: etag });
            accept({ campaign: body, etag: header('etag') ?? '' });
          }}
        >
          Exactly this version, with its texts and audience as they are now. You cannot approve what you
          changed yourself.
        </ConfirmButton>
      )}
    </Group>
  );
}
