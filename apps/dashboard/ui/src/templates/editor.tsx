import type { PreviewRequest, Template, TemplateDraft } from '@carillon/client/api-types';
import { CHANNELS, type Channel } from '@carillon/core/notification/channel';

import { diffTexts } from '@carillon/core/template/diff';
import type { DraftTexts, SourceContent } from '@carillon/core/template/draft';
import { Alert, Button, Grid, Group, SegmentedControl, Select, Stack, Tabs, Text } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useParams } from '@tanstack/react-router';
import { useMemo, useState } from 'react';
import { CarillonError, exchange } from '../api/call.ts';
import { useHere, useMay } from '../api/session.tsx';
import { ConfirmButton } from '../elements/confirm.tsx';
import { Loading } from '../elements/data-table.tsx';
import { useFilters } from '../elements/filters.ts';
import { Mark } from '../elements/mark.tsx';
import { PageFrame } from '../elements/page.tsx';
import { ProblemAlert } from '../elements/problem.tsx';
import { Time } from '../elements/time.tsx';
import { AddLanguage } from './add-language.tsx';
import type { Finding } from './code-editor.tsx';
import { Conflict } from './conflict.tsx';
import { EarlierParts } from './earlier-parts.tsx';
import { EmailForm } from './email-form.tsx';
import { Fields } from './fields.tsx';
import { useLeaveWarning } from './leave-warning.ts';
import { PreviewPanel } from './preview-panel.tsx';
import { useSample } from './sample.ts';
import { TestSend } from './test-send.tsx';
import {
  CHANNEL_NAMES,
  fieldsOf,
  nameOfPlace,
  pathsOf,
  textsOf,
  withField,
  withoutText,
  withText,
} from './texts.ts';
import { Versions } from './versions.tsx';

/** A draft with the entity tag that it was read with. */
interface Read {
  draft: TemplateDraft;
  etag: string;
}

/** Of a template that does not exist yet. */
const nothingYet = (key: string): Read => ({
  draft: {
    key,
    saved: false,
    based_on: 0,
    published_version: 0,
    channels: {},
    updated_at: null,
    updated_by: null,
    required_variables: [],
    problems: [],
    warnings: [],
  },
  etag: '',
});

export default function TemplatePage() {
  const { key } = useParams({ strict: false }) as { key: string };
  const { tenant } = useHere();
  const query = useQuery({
    queryKey: [tenant.app, tenant.environment, 'template-draft', key],
    queryFn: async ({ signal }): Promise<Read> => {
      try {
        return readOf(await exchange('getTemplateDraft', { path: { key } }, { signal }));
      } catch (error) {
        if (error instanceof CarillonError && error.status === 404) return nothingYet(key);
        throw error;
      }
    },
    // What somebody is writing is not replaced by itself.
    staleTime: Number.POSITIVE_INFINITY,
    refetchOnMount: 'always',
  });
  if (query.isPending || (query.isFetching && query.isStale))
    return (
      <PageFrame title={key}>
        <Loading />
      </PageFrame>
    );
  if (query.isError)
    return (
      <PageFrame title={key}>
        <ProblemAlert error={query.error} retry={() => void query.refetch()} />
      </PageFrame>
    );
  return <Editor key={key} templateKey={key} read={query.data} />;
}

const readOf = ({ body, header }: { body: TemplateDraft; header(name: string): string | null }): Read => ({
  draft: body,
  etag: header('etag') ?? '',
});

function Editor({ templateKey: key, read }: { templateKey: string; read: Read }) {
  const [base, setBase] = useState(read);
  const [texts, setTexts] = useState<DraftTexts>(textsOf(read.draft));
  const [theirs, setTheirs] = useState<Read | null>(null);
  const [error, setError] = useState<unknown>(null);
  const [busy, setBusy] = useState(false);
  const [filters, change] = useFilters(['channel', 'locale', 'tab']);
  const { tenant } = useHere();
  const may = useMay();
  const queries = useQueryClient();
  const { draft } = base;
  const mayWrite = may('templates:*');
  const changes = useMemo(() => diffTexts(textsOf(draft), texts), [draft, texts]);
  const isDirty = changes.length > 0;
  useLeaveWarning(isDirty);

  const accept = (next: Read) => {
    setBase(next);
    setTexts(textsOf(next.draft));
    setTheirs(null);
    setError(null);
    queries.setQueryData([tenant.app, tenant.environment, 'template-draft', key], next);
    void queries.invalidateQueries({ queryKey: [tenant.app, tenant.environment, 'templates'] });
    void queries.invalidateQueries({ queryKey: [tenant.app, tenant.environment, 'template-versions', key] });
  };
  const reread = async () => accept(readOf(await exchange('getTemplateDraft', { path: { key } })));

  /** @param from what the change starts from: after a conflict, what is there now. */
  const save = async (wanted: DraftTexts = texts, from: Read = base) => {
    setBusy(true);
    setError(null);
    try {
      const body = { channels: wanted as TemplateDraft['channels'], based_on: from.draft.published_version };
      const options = from.etag === '' ? {} : { ifMatch: from.etag };
      const stored = await exchange('putTemplateDraft', { path: { key }, body }, options);
      accept(readOf(stored));
      notifications.show({ message: 'The draft is stored. Nothing is published yet.' });
    } catch (failure) {
      if (failure instanceof CarillonError && failure.code === 'conflict')
        setTheirs(readOf(await exchange('getTemplateDraft', { path: { key } })));
      else setError(failure);
    } finally {
      setBusy(false);
    }
  };
  const publish = async (): Promise<Template> => {
    const { body } = await exchange('publishTemplate', { path: { key } }, { ifMatch: base.etag });
    await reread();
    return body;
  };

  const channels = CHANNELS.filter((channel) => texts[channel] !== undefined);
  const channel = channels.find((each) => each === filters.channel) ?? channels[0] ?? null;
  const locales = channel === null ? [] : Object.keys(texts[channel] ?? {});
  const locale = locales.find((each) => each === filters.locale) ?? locales[0] ?? null;

  return (
    <PageFrame
      title={key}
      description={<Summary draft={draft} isDirty={isDirty} />}
      actions={
        mayWrite && (
          <>
            {may('notifications:write') && draft.published_version + Number(draft.saved) > 0 && (
              <TestSend templateKey={key} draft={draft} isDirty={isDirty} channel={channel} />
            )}
            {draft.saved && (
              <ConfirmButton
                label="Discard"
                title="Discard the draft?"
                confirm="Discard it"
                done="The draft is gone."
                danger
                action={async () => {
                  await exchange('deleteTemplateDraft', { path: { key } }, { ifMatch: base.etag });
                  await reread().catch(() => accept(nothingYet(key)));
                }}
              >
                {draft.published_version === 0
                  ? 'The template was never published: it is gone then.'
                  : `Version ${draft.published_version} stays published.`}
              </ConfirmButton>
            )}
            <Button variant="default" onClick={() => void save()} loading={busy} disabled={!isDirty}>
              Save the draft
            </Button>
            <ConfirmButton
              label="Publish"
              title={`Publish ${key}?`}
              confirm="Publish"
              done={`${key} is published.`}
              variant="filled"
              disabled={!draft.saved || isDirty || draft.problems.length > 0}
              action={publish}
            >
              New messages get this draft from now on. Messages that were accepted before keep their version,
              also scheduled ones.
            </ConfirmButton>
          </>
        )
      }
    >
      {error !== null && <ProblemAlert error={error} />}
      {theirs !== null && (
        <Conflict
          base={textsOf(draft)}
          mine={texts}
          theirs={textsOf(theirs.draft)}
          who={theirs.draft.updated_by}
          at={theirs.draft.updated_at}
          title={(who) =>
            theirs.draft.saved ? `${who} changed this draft meanwhile` : 'It was published meanwhile'
          }
          nameOf={nameOfPlace}
          busy={busy}
          onTakeTheirs={() => accept(theirs)}
          onSave={(merged) => void save(merged, theirs)}
        />
      )}
      {draft.saved && draft.based_on < draft.published_version && (
        <Alert
          color="yellow"
          variant="outline"
          title={`Version ${draft.published_version} was published meanwhile`}
        >
          This draft was begun with version {draft.based_on}. Compare them under “Versions” before you publish
          it.
        </Alert>
      )}
      {draft.published_version > 0 && (
        <EarlierParts templateKey={key} isDirty={isDirty} onPublished={reread} />
      )}
      <Tabs
        value={filters.tab === 'versions' ? 'versions' : 'texts'}
        onChange={(tab) => change({ tab: tab === 'versions' ? 'versions' : undefined })}
        keepMounted={false}
      >
        <Tabs.List mb="md">
          <Tabs.Tab value="texts">Texts</Tabs.Tab>
          <Tabs.Tab value="versions" disabled={draft.published_version === 0 && !draft.saved}>
            Versions
          </Tabs.Tab>
        </Tabs.List>
        <Tabs.Panel value="versions">
          <Versions templateKey={key} draft={draft} onRolledBack={reread} />
        </Tabs.Panel>
        <Tabs.Panel value="texts">
          <Stack>
            <Group gap="sm" align="end">
              {channels.length > 0 && channel !== null && (
                <SegmentedControl
                  aria-label="Channel"
                  data={channels.map((each) => ({ value: each, label: CHANNEL_NAMES[each] }))}
                  value={channel}
                  onChange={(next) => change({ channel: next, locale: undefined })}
                />
              )}
              {locale !== null && (
                <Select
                  label="Language"
                  data={locales}
                  value={locale}
                  onChange={(next) => change({ locale: next ?? undefined })}
                  allowDeselect={false}
                  w={140}
                />
              )}
              {mayWrite && (
                <AddLanguage
                  texts={texts}
                  channel={channel}
                  onAdd={(to, name, content) => {
                    setTexts(withText(texts, to, name, content));
                    change({ channel: to, locale: name });
                  }}
                />
              )}
              {mayWrite && channel !== null && locale !== null && (
                <Button
                  variant="subtle"
                  onClick={() => {
                    setTexts(withoutText(texts, channel, locale));
                    change({ locale: undefined });
                  }}
                >
                  Remove {CHANNEL_NAMES[channel]} in {locale}
                </Button>
              )}
            </Group>
            {channel === null || locale === null ? (
              <Text>This template has no text yet. Add one: choose a channel and a language.</Text>
            ) : (
              <TextEditor
                key={`${channel}/${locale}`}
                templateKey={key}
                channel={channel}
                locale={locale}
                content={texts[channel]![locale]!}
                draft={draft}
                readOnly={!mayWrite}
                onContent={(next) => setTexts((before) => withText(before, channel, locale, next))}
                onChange={(field, value) =>
                  setTexts((before) => withField(before, { channel, locale, field }, value))
                }
              />
            )}
          </Stack>
        </Tabs.Panel>
      </Tabs>
    </PageFrame>
  );
}

function Summary({ draft, isDirty }: { draft: TemplateDraft; isDirty: boolean }) {
  return (
    <Group gap="xs" mt={4}>
      {draft.published_version === 0 ? (
        <Mark tone="neutral">never published</Mark>
      ) : (
        <Mark tone="good">version {draft.published_version} is published</Mark>
      )}
      {draft.saved && (
        <>
          <Mark tone="waiting">draft</Mark>
          <span>
            by {draft.updated_by}, <Time at={draft.updated_at} />
          </span>
        </>
      )}
      {isDirty && <Mark tone="doubt">not saved</Mark>}
    </Group>
  );
}

function TextEditor({
  templateKey,
  channel,
  locale,
  content,
  draft,
  readOnly,
  onChange,
  onContent,
}: {
  templateKey: string;
  channel: Channel;
  locale: string;
  content: SourceContent;
  draft: TemplateDraft;
  readOnly: boolean;
  onChange(field: keyof SourceContent, value: string): void;
  onContent(content: SourceContent): void;
}) {
  const [sample, setSample] = useSample(templateKey, draft.required_variables);
  const [findings, setFindings] = useState<Partial<Record<string, Finding[]>>>({});
  const variables = useMemo(
    () => [
      ...new Set([
        ...draft.required_variables,
        ...pathsOf(sample.data),
        ...(channel === 'email' ? ['unsubscribe_url', 'preferences_url'] : []),
      ]),
    ],
    [draft.required_variables, sample.data, channel],
  );
  return (
    <Grid gap="lg">
      <Grid.Col span={{ base: 12, md: 6 }}>
        <Stack gap="md">
          {channel === 'email' && <EmailForm content={content} readOnly={readOnly} onChange={onContent} />}
          <Fields
            fields={fieldsOf(channel, content)}
            content={content}
            where={`${CHANNEL_NAMES[channel]} in ${locale}`}
            variables={variables}
            findings={findings}
            readOnly={readOnly}
            onChange={onChange}
          />
        </Stack>
      </Grid.Col>
      <Grid.Col span={{ base: 12, md: 6 }}>
        <PreviewPanel
          templateKey={templateKey}
          channel={channel}
          locale={locale}
          source={{ content: content as NonNullable<PreviewRequest['content']> }}
          at="content"
          sample={sample}
          onSample={setSample}
          onFindings={setFindings}
        />
      </Grid.Col>
    </Grid>
  );
}
