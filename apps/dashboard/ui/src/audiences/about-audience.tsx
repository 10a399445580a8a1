import type { AudienceWithUsers } from '@carillon/client/api-types';
import { Group } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useEffect } from 'react';
import { exchange } from '../api/call.ts';
import { useMay } from '../api/session.tsx';
import { NewCampaign } from '../campaigns/new-campaign.tsx';
import { ConfirmButton } from '../elements/confirm.tsx';
import { Copyable } from '../elements/copy.tsx';
import { Facts } from '../elements/facts.tsx';
import { Mark } from '../elements/mark.tsx';
import { Time } from '../elements/time.tsx';
import type { Read } from './read-audience.ts';
import { UsedBy } from './used-by.tsx';

/** @param audience null as long as it was never saved. */
export function AudienceSummary({
  audienceKey,
  audience,
  isDirty,
}: {
  audienceKey: string;
  audience: AudienceWithUsers | null;
  isDirty: boolean;
}) {
  return (
    <>
      <Group gap="xs" my={4}>
        <Copyable text={audienceKey} label="the key" />
        {isDirty && <Mark tone="doubt">not saved</Mark>}
      </Group>
      {audience !== null && (
        <Facts
          facts={[
            ['Kind', audience.kind === 'list' ? 'a list' : 'a filter'],
            [
              'Changed',
              <>
                <Time at={audience.updated_at} /> by {audience.updated_by}
              </>,
            ],
            ['Used by', <UsedBy key="used" of={audience.used_by} />],
          ]}
        />
      )}
    </>
  );
}

/** What can be done with an audience that was saved. */
export function AudienceActions({ read, isDirty }: { read: Read | null; isDirty: boolean }) {
  const may = useMay();
  const navigate = useNavigate();
  const queries = useQueryClient();
  if (read === null) return null;
  const { key, name } = read.audience;
  return (
    <>
      {may('campaigns:*') && !isDirty && (
        <NewCampaign
          label="New campaign for it"
          name={`For ${name}`}
          fields={{ audience: { audience: key } }}
          variant="default"
        />
      )}
      {may('audiences:*') && (
        <ConfirmButton
          label="Delete"
          title={`Delete ${name}?`}
          confirm="Delete it"
          done="The audience is deleted."
          danger
          action={async () => {
            await exchange('deleteAudience', { path: { key } }, { ifMatch: read.etag });
            await navigate({ to: '/audiences' });
            await queries.invalidateQueries();
          }}
        >
          The recipients stay. It is refused while campaigns that have not started, or other audiences, use
          it.
        </ConfirmButton>
      )}
    </>
  );
}

/** The browser asks before a page with unsaved changes is closed. */
export function useLeaveWarning(isDirty: boolean): void {
  useEffect(() => {
    if (!isDirty) return;
    const ask = (event: BeforeUnloadEvent) => event.preventDefault();
    window.addEventListener('beforeunload', ask);
    return () => window.removeEventListener('beforeunload', ask);
  }, [isDirty]);
}
