import type { MembersChange } from '@carillon/client/api-types';
import { Button, Stack, TextInput, Title } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { CarillonError, exchange } from '../api/call.ts';
import { useHere, useMay } from '../api/session.tsx';
import { PageFrame } from '../elements/page.tsx';
import { ProblemAlert } from '../elements/problem.tsx';
import { AudienceActions, AudienceSummary, useLeaveWarning } from './about-audience.tsx';
import { ChangedMembers, ChangeMembers } from './change-members.tsx';
import { useCount } from './count.ts';
import { CountedPeople } from './counted.tsx';
import { ListConflict } from './list-conflict.tsx';
import { Members } from './members.tsx';
import { type Read, readAudience } from './read-audience.ts';

/** An audience that is a list: its name, how many are in it, and who. */
export function ListPage({ read }: { read: Read }) {
  const { key } = read.audience;
  const [base, setBase] = useState(read);
  const [name, setName] = useState(read.audience.name);
  const [theirs, setTheirs] = useState<Read | null>(null);
  const [error, setError] = useState<unknown>(null);
  const [busy, setBusy] = useState(false);
  const [change, setChange] = useState<MembersChange | null>(null);
  const { tenant } = useHere();
  const mayWrite = useMay()('audiences:*');
  const queries = useQueryClient();
  const counting = useCount({ audience: key }, change !== null);
  const isDirty = name !== base.audience.name;
  useLeaveWarning(isDirty && mayWrite);
  const forget = () => {
    for (const of of ['audiences', 'audience-count', 'audience-members'])
      void queries.invalidateQueries({ queryKey: [tenant.app, tenant.environment, of] });
  };
  const accept = (next: Read) => {
    setBase(next);
    setName(next.audience.name);
    setTheirs(null);
    queries.setQueryData([tenant.app, tenant.environment, 'audience', key], next);
    forget();
  };
  /** Its members stay. @param from what the change starts from: after a conflict, what is there now. */
  const save = async (from: Read = base) => {
    setBusy(true);
    setError(null);
    try {
      await exchange('putAudience', { path: { key }, body: { name } }, { ifMatch: from.etag });
      accept(await readAudience(key));
      notifications.show({ message: 'The audience is saved.' });
    } catch (failure) {
      if (failure instanceof CarillonError && failure.code === 'conflict') setTheirs(await readAudience(key));
      else setError(failure);
    } finally {
      setBusy(false);
    }
  };
  return (
    <PageFrame
      title={base.audience.name}
      description={<AudienceSummary audienceKey={key} audience={base.audience} isDirty={isDirty} />}
      actions={<AudienceActions read={base} isDirty={isDirty} />}
    >
      <Stack maw="60rem">
        {theirs !== null && (
          <ListConflict
            mine={name}
            theirs={theirs}
            busy={busy}
            onTakeTheirs={() => accept(theirs)}
            onSave={() => void save(theirs)}
          />
        )}
        <form
          onSubmit={(event) => {
            event.preventDefault();
            void save();
          }}
        >
          <Stack>
            <TextInput
              label="Name"
              required
              maxLength={100}
              maw="24rem"
              readOnly={!mayWrite}
              value={name}
              onChange={(event) => setName(event.currentTarget.value)}
            />
            {error !== null && <ProblemAlert error={error} />}
            {mayWrite && (
              <div>
                <Button type="submit" loading={busy} disabled={!isDirty}>
                  Save
                </Button>
              </div>
            )}
          </Stack>
        </form>
        <Title order={2}>People</Title>
        <CountedPeople of={counting} />
        {mayWrite && (
          <ChangeMembers
            audience={base.audience}
            etag={base.etag}
            onChanged={(next) => {
              setChange(next);
              forget();
            }}
            onReplaced={(next) => {
              setChange(next);
              void readAudience(key).then(accept);
            }}
          />
        )}
        {change !== null && <ChangedMembers change={change} />}
        <Members audienceKey={key} />
      </Stack>
    </PageFrame>
  );
}
