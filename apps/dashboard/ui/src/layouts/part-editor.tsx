import type { PartKind } from '@carillon/core/template/compile/parts';
import { diffTexts } from '@carillon/core/template/diff';
import type { DraftTexts } from '@carillon/core/template/draft';
import { Group, Tabs } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useMemo, useState } from 'react';
import { CarillonError, call, exchange } from '../api/call.ts';
import { useHere, useMay } from '../api/session.tsx';
import { ConfirmButton } from '../elements/confirm.tsx';
import { useFilters } from '../elements/filters.ts';
import { Mark } from '../elements/mark.tsx';
import { PageFrame } from '../elements/page.tsx';
import { ProblemAlert } from '../elements/problem.tsx';
import { Time } from '../elements/time.tsx';
import { Conflict } from '../templates/conflict.tsx';
import { useLeaveWarning } from '../templates/leave-warning.ts';
import { OPERATIONS } from './operations.ts';
import { editable, nameOfField, partTexts } from './part-texts.ts';
import { PartVersions } from './part-versions.tsx';
import { PartWriting } from './part-writing.tsx';
import { type Read, readPart } from './read.ts';
import { TemplateLinks } from './template-links.tsx';
import { UsedBy, usersOf } from './used-by.tsx';

const TABS = ['texts', 'used', 'versions'] as const;

/** Writes a layout or partial. What is published takes effect in templates that are published afterwards. */
export function PartEditor({ kind, partKey: key, read }: { kind: PartKind; partKey: string; read: Read }) {
  const [base, setBase] = useState(read);
  const [texts, setTexts] = useState<DraftTexts>(editable(read.part ?? {}));
  const [theirs, setTheirs] = useState<Read | null>(null);
  const [error, setError] = useState<unknown>(null);
  const [busy, setBusy] = useState(false);
  const [filters, change] = useFilters(['tab']);
  const { tenant } = useHere();
  const may = useMay();
  const queries = useQueryClient();
  const navigate = useNavigate();
  const { part } = base;
  const before = useMemo(() => editable(part ?? {}), [part]);
  const isDirty = useMemo(() => diffTexts(before, texts).length > 0, [before, texts]);
  useLeaveWarning(isDirty);
  const mayWrite = may('templates:*');

  const accept = (next: Read) => {
    setBase(next);
    setTexts(editable(next.part ?? {}));
    setTheirs(null);
    setError(null);
    queries.setQueryData([tenant.app, tenant.environment, kind, key], next);
    for (const changed of [`${kind}s`, `${kind}-versions`, 'preview'])
      void queries.invalidateQueries({ queryKey: [tenant.app, tenant.environment, changed] });
  };
  const reread = async () => accept(await readPart(kind, key));
  /** @returns false where somebody else changed it meanwhile: the page then shows both. */
  const publish = async (wanted: DraftTexts, from: Read): Promise<boolean> => {
    try {
      const options = from.etag === '' ? {} : { ifMatch: from.etag };
      const body = partTexts(wanted) as object;
      const stored = await exchange(OPERATIONS[kind].put, { path: { key }, body }, options);
      accept({ part: stored.body, etag: stored.header('etag') ?? '' });
      return true;
    } catch (failure) {
      if (!(failure instanceof CarillonError) || failure.code !== 'conflict') throw failure;
      setTheirs(await readPart(kind, key));
      return false;
    }
  };
  const publishMerged = async (merged: DraftTexts) => {
    setBusy(true);
    await publish(merged, theirs!).catch(setError);
    setBusy(false);
  };

  const tab = TABS.find((each) => each === filters.tab) ?? 'texts';
  const users = usersOf(part);
  return (
    <PageFrame
      title={key}
      description={<Summary kind={kind} read={base} isDirty={isDirty} />}
      actions={
        mayWrite && (
          <>
            {part !== null && (
              <ConfirmButton
                label="Delete"
                title={`Delete the ${kind} ${key}?`}
                confirm="Delete it"
                done={`The ${kind} ${key} is deleted.`}
                danger
                disabled={users.count > 0}
                action={async () => {
                  await call(OPERATIONS[kind].remove, { path: { key } }, { ifMatch: base.etag });
                  setTexts(before);
                  void queries.invalidateQueries({ queryKey: [tenant.app, tenant.environment, `${kind}s`] });
                  void navigate({ to: '/layouts' });
                }}
              >
                Nothing uses it. Its earlier versions go with it, and this cannot be undone.
              </ConfirmButton>
            )}
            <ConfirmButton
              label="Publish"
              title={`Publish ${key}?`}
              confirm="Publish"
              done={`${key} is published.`}
              variant="filled"
              disabled={!isDirty}
              action={() => publish(texts, base)}
            >
              <WhatPublishingDoes kind={kind} templates={users.templates} />
            </ConfirmButton>
          </>
        )
      }
    >
      {error !== null && <ProblemAlert error={error} />}
      {theirs !== null && (
        <Conflict
          base={before}
          mine={texts}
          theirs={editable(theirs.part ?? {})}
          who={theirs.part?.updated_by ?? null}
          at={theirs.part?.updated_at ?? null}
          title={(who) =>
            theirs.part === null
              ? `This ${kind} was deleted meanwhile`
              : `${who} changed this ${kind} meanwhile`
          }
          nameOf={nameOfField}
          busy={busy}
          saveLabel="Publish both together"
          onTakeTheirs={() => accept(theirs)}
          onSave={(merged) => void publishMerged(merged)}
        />
      )}
      <Tabs
        value={tab}
        onChange={(next) => change({ tab: next === 'texts' || next === null ? undefined : next })}
        keepMounted={false}
      >
        <Tabs.List mb="md">
          <Tabs.Tab value="texts">Texts</Tabs.Tab>
          <Tabs.Tab value="used" disabled={part === null}>
            Used by {users.count}
          </Tabs.Tab>
          <Tabs.Tab value="versions" disabled={part === null}>
            Versions
          </Tabs.Tab>
        </Tabs.List>
        <Tabs.Panel value="texts">
          <PartWriting
            kind={kind}
            partKey={key}
            texts={texts}
            users={users}
            readOnly={!mayWrite}
            onTexts={setTexts}
          />
        </Tabs.Panel>
        <Tabs.Panel value="used">
          {part !== null && <UsedBy kind={kind} part={part} onPublished={reread} />}
        </Tabs.Panel>
        <Tabs.Panel value="versions">
          {part !== null && (
            <PartVersions
              kind={kind}
              part={part}
              isDirty={isDirty}
              onRollBack={(earlier) => publish(editable(earlier), base)}
            />
          )}
        </Tabs.Panel>
      </Tabs>
    </PageFrame>
  );
}

function Summary({ kind, read: { part }, isDirty }: { kind: PartKind; read: Read; isDirty: boolean }) {
  return (
    <Group gap="xs" mt={4}>
      <Mark tone="neutral">{kind}</Mark>
      {part === null ? (
        <Mark tone="neutral">never published</Mark>
      ) : (
        <>
          <Mark tone="good">version {part.version} is published</Mark>
          <span>
            by {part.updated_by.replace(/^staff:/, '')}, <Time at={part.updated_at} />
          </span>
        </>
      )}
      {isDirty && <Mark tone="doubt">not saved</Mark>}
    </Group>
  );
}

function WhatPublishingDoes({ kind, templates }: { kind: PartKind; templates: readonly string[] }) {
  if (templates.length === 0)
    return <>No published template has this {kind}. Drafts and previews show it as it is from now on.</>;
  return (
    <>
      {templates.length === 1 ? 'One published template has' : `${templates.length} published templates have`}{' '}
      this {kind}: <TemplateLinks keys={templates} />. They keep the version that they were published with
      until they are published again; “Used by” does that. Drafts and previews show it as it is from now on.
    </>
  );
}
