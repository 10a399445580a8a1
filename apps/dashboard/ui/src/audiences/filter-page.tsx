import { Button, Stack, TextInput } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useQueryClient } from '@tanstack/react-query';
import { useMemo, useState } from 'react';
import { CarillonError, exchange } from '../api/call.ts';
import { useHere, useMay } from '../api/session.tsx';
import { PageFrame } from '../elements/page.tsx';
import { ProblemAlert } from '../elements/problem.tsx';
import { AudienceActions, AudienceSummary, useLeaveWarning } from './about-audience.tsx';
import { AudienceBuilder, problemsOf } from './builder/builder.tsx';
import { everybody } from './builder/form.ts';
import { readForm } from './builder/read-form.ts';
import { writeForm } from './builder/write-form.ts';
import { AudienceConflict } from './conflict.tsx';
import { type Read, readAudience, type Wanted } from './read-audience.ts';
import { isSameFilter } from './same-filter.ts';

/**
 * An audience that is a filter, or is going to be one.
 *
 * @param read null as long as it was never saved.
 */
export function FilterPage({
  audienceKey: key,
  firstName,
  read,
}: {
  audienceKey: string;
  firstName: string;
  read: Read | null;
}) {
  const [base, setBase] = useState(read);
  const [name, setName] = useState(read?.audience.name ?? firstName);
  const [form, setForm] = useState(() => (read === null ? everybody() : readForm(filterOf(read))));
  const [theirs, setTheirs] = useState<Read | null>(null);
  const [error, setError] = useState<unknown>(null);
  const [isSent, setIsSent] = useState(false);
  const [busy, setBusy] = useState(false);
  const [wasSaved, setWasSaved] = useState(false);
  const { tenant } = useHere();
  const mayWrite = useMay()('audiences:*');
  const queries = useQueryClient();
  const written = useMemo(() => writeForm(form), [form]);
  const isDirty =
    base === null || name !== base.audience.name || !isSameFilter(written.filter, filterOf(base));
  useLeaveWarning(isDirty && mayWrite);

  const accept = (next: Read) => {
    setBase(next);
    setName(next.audience.name);
    // The form is read again only where it would be another: groups that were just written stay as they look.
    if (!isSameFilter(written.filter, filterOf(next))) setForm(readForm(filterOf(next)));
    setTheirs(null);
    setError(null);
    setIsSent(false);
    queries.setQueryData([tenant.app, tenant.environment, 'audience', key], next);
    for (const list of ['audiences', 'audience-count'])
      void queries.invalidateQueries({ queryKey: [tenant.app, tenant.environment, list] });
  };
  /** @param from what the change starts from: after a conflict, what is there now. */
  const save = async (wanted: Wanted, from: Read | null = base) => {
    setBusy(true);
    setError(null);
    try {
      if (from === null) {
        const there = await readAudience(key).catch(nothing);
        if (there !== null) return setTheirs(there);
      }
      const options = from === null ? {} : { ifMatch: from.etag };
      await exchange('putAudience', { path: { key }, body: wanted }, options);
      accept(await readAudience(key));
      setWasSaved(true);
      notifications.show({ message: 'The audience is saved.' });
    } catch (failure) {
      if (failure instanceof CarillonError && failure.code === 'conflict')
        setTheirs(await readAudience(key).catch(nothing));
      else setError(failure);
    } finally {
      setBusy(false);
    }
  };
  const submit = () => {
    setIsSent(true);
    if (written.problems.length === 0) void save({ name, filter: written.filter });
  };
  return (
    <PageFrame
      title={base?.audience.name ?? name}
      description={<AudienceSummary audienceKey={key} audience={base?.audience ?? null} isDirty={isDirty} />}
      actions={<AudienceActions read={base} isDirty={isDirty} />}
    >
      {theirs !== null && (
        <AudienceConflict
          base={base}
          mine={{ name, filter: written.filter }}
          theirs={theirs}
          busy={busy}
          onTakeTheirs={() => accept(theirs)}
          onSave={(wanted) => void save(wanted, theirs)}
        />
      )}
      <form
        onSubmit={(event) => {
          event.preventDefault();
          submit();
        }}
      >
        <Stack maw="60rem">
          <TextInput
            label="Name"
            required
            maxLength={100}
            maw="24rem"
            readOnly={!mayWrite}
            value={name}
            onChange={(event) => setName(event.currentTarget.value)}
          />
          <AudienceBuilder
            form={form}
            written={written}
            onChange={(next) => {
              setForm(next);
              setError(null);
            }}
            readOnly={!mayWrite}
            without={key}
            {...(!isDirty && { saved: key })}
            exactly={wasSaved && !isDirty}
            isSent={isSent}
            failure={problemsOf(error)}
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
    </PageFrame>
  );
}

const filterOf = ({ audience }: Read): Record<string, unknown> => audience.filter ?? { all: [] };

function nothing(failure: unknown): null {
  if (failure instanceof CarillonError && failure.status === 404) return null;
  throw failure;
}
