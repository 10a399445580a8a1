import type { Preview, PreviewRequest } from '@carillon/client/api-types';
import type { Channel } from '@carillon/core/notification/channel';
import {
  Alert,
  Button,
  Group,
  SegmentedControl,
  Stack,
  Tabs,
  Text,
  Textarea,
  TextInput,
  Title,
} from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { type ReactNode, useEffect, useState } from 'react';
import { CarillonError, call } from '../api/call.ts';
import { useHere } from '../api/session.tsx';
import { Facts } from '../elements/facts.tsx';
import { MessageFrame } from '../elements/message-frame.tsx';
import { ProblemAlert } from '../elements/problem.tsx';
import type { Finding } from './code-editor.tsx';
import type { Sample } from './sample.ts';
import { setPath } from './texts.ts';
import './preview.css';

const WIDTHS = { phone: 390, tablet: 640, wide: null } as const;
type Width = keyof typeof WIDTHS;

/**
 * What is being written, as it would be sent; asked of the API a moment after each change.
 *
 * @param source what is rendered, besides the sample data.
 * @param at the path in the request of what is being written: its mistakes are found by `onFindings`.
 * @param choices what else can be chosen, above the preview.
 */
export function PreviewPanel({
  templateKey,
  channel,
  locale,
  source,
  at,
  choices,
  sample,
  onSample,
  onFindings,
}: {
  templateKey: string;
  channel: Channel;
  locale: string;
  source: Pick<PreviewRequest, 'content' | 'draft' | 'part'>;
  at: string;
  choices?: ReactNode;
  sample: Sample;
  onSample(text: string): void;
  onFindings(findings: Partial<Record<string, Finding[]>>): void;
}) {
  const { tenant } = useHere();
  const [recipient, setRecipient] = useState('');
  const [category, setCategory] = useState('');
  const body: PreviewRequest = {
    channel,
    locale,
    ...source,
    data: sample.data,
    ...(recipient.trim() !== '' && { recipient_id: recipient.trim() }),
    ...(category.trim() !== '' && { category: category.trim() }),
  };
  const [asked] = useDebouncedValue(JSON.stringify(body), 400);
  const query = useQuery({
    queryKey: [tenant.app, tenant.environment, 'preview', templateKey, asked],
    queryFn: ({ signal }) =>
      call(
        'previewTemplate',
        { path: { key: templateKey }, body: JSON.parse(asked) as PreviewRequest },
        { signal },
      ),
    placeholderData: keepPreviousData,
    retry: false,
    gcTime: 60_000,
  });
  const { data, error } = query;
  // biome-ignore lint/correctness/useExhaustiveDependencies: only a new answer changes the findings
  useEffect(() => onFindings(findingsOf(at, data, error)), [data, error, at]);
  const others = otherErrors(at, error);
  const missing = missingOf(error);

  return (
    <Stack gap="sm" component="section" aria-label="Preview">
      <Group justify="space-between" align="baseline">
        <Title order={2}>Preview</Title>
        <Text size="xs" className="dim" role="status">
          {query.isFetching ? 'Rendering' : 'As it would be sent'}
        </Text>
      </Group>
      {choices}
      {others !== null && <ProblemAlert error={others} />}
      {missing.length > 0 && sample.problem === null && (
        <Group>
          <Button size="xs" variant="default" onClick={() => onSample(filled(sample.data, missing))}>
            Add {missing.join(', ')} to the sample data
          </Button>
        </Group>
      )}
      {error !== null && others === null && (
        <Alert color="yellow" variant="outline" title="There is a mistake in the text">
          It stands below its field. {data && 'What you see is the preview from before it.'}
        </Alert>
      )}
      {data && data.channel === channel && <Rendered preview={data} />}
      <details>
        <summary>Sample data and recipient</summary>
        <Stack gap="sm" pt="sm">
          <Textarea
            label="Sample data"
            description="As JSON. It stays in this browser."
            autosize
            minRows={3}
            maxRows={14}
            value={sample.text}
            error={sample.problem}
            onChange={(event) => onSample(event.currentTarget.value)}
            styles={{ input: { fontFamily: 'var(--mantine-font-family-monospace)' } }}
          />
          <TextInput
            label="Recipient"
            description="Your id of a person: dates in their time zone."
            value={recipient}
            onChange={(event) => setRecipient(event.currentTarget.value)}
            error={fieldError(error, 'recipient_id')}
          />
          <TextInput
            label="Category"
            description="With an unsubscribe link if people may opt out of it."
            value={category}
            onChange={(event) => setCategory(event.currentTarget.value)}
            error={fieldError(error, 'category')}
          />
        </Stack>
      </details>
    </Stack>
  );
}

/** What a channel makes of a rendered text. */
export function Rendered({
  preview,
}: {
  preview: Pick<Preview, 'channel' | 'content' | 'sms' | 'html_bytes'>;
}) {
  const { channel, content } = preview;
  if (channel === 'email') return <RenderedEmail preview={preview} />;
  if (channel === 'sms')
    return (
      <Stack gap="xs">
        <div className="preview-bubble">{content.text}</div>
        {preview.sms && (
          <Facts
            facts={[
              ['Segments', `${preview.sms.segments}, each of them billed`],
              ['Encoding', preview.sms.encoding === 'gsm7' ? 'GSM-7' : 'UCS-2'],
              preview.sms.outside_gsm7.length > 0
                ? ['Costly characters', preview.sms.outside_gsm7.join(' ')]
                : null,
              preview.sms.cost_estimate
                ? [
                    'About',
                    `${preview.sms.cost_estimate.amount} ${preview.sms.cost_estimate.currency} by ${preview.sms.cost_estimate.account}`,
                  ]
                : null,
            ]}
          />
        )}
      </Stack>
    );
  return (
    <div className="preview-card">
      <Text fw={650}>{content.title}</Text>
      <Text style={{ whiteSpace: 'pre-wrap' }}>{content.body}</Text>
      {content.url && (
        <Text size="sm" className="dim mono">
          {content.url}
        </Text>
      )}
    </div>
  );
}

function RenderedEmail({ preview }: { preview: Pick<Preview, 'content' | 'html_bytes'> }) {
  const [width, setWidth] = useState<Width>('wide');
  const { subject, html, text } = preview.content;
  const limit = WIDTHS[width];
  return (
    <Stack gap="xs">
      <Facts
        facts={[
          ['Subject', subject],
          preview.html_bytes === undefined
            ? null
            : ['Size of the HTML', `${(preview.html_bytes / 1024).toFixed(1)} kB; Gmail shows 102`],
        ]}
      />
      <Tabs defaultValue={html === undefined ? 'text' : 'html'} keepMounted={false}>
        <Tabs.List mb="xs">
          <Tabs.Tab value="html" disabled={html === undefined}>
            HTML
          </Tabs.Tab>
          <Tabs.Tab value="text" disabled={text === undefined}>
            Plain text
          </Tabs.Tab>
        </Tabs.List>
        <Tabs.Panel value="html">
          <SegmentedControl
            aria-label="Width"
            size="xs"
            mb="xs"
            data={[
              { value: 'phone', label: 'Phone' },
              { value: 'tablet', label: 'Tablet' },
              { value: 'wide', label: 'Full width' },
            ]}
            value={width}
            onChange={(next) => setWidth(next as Width)}
          />
          <div style={{ maxWidth: limit ?? undefined }}>
            <MessageFrame html={html ?? ''} title="The e-mail" />
          </div>
        </Tabs.Panel>
        <Tabs.Panel value="text">
          {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a long text scrolls by keyboard */}
          <pre className="preview-text" tabIndex={0}>
            {text}
          </pre>
        </Tabs.Panel>
      </Tabs>
    </Stack>
  );
}

const PLACE = /^line (\d+), column (\d+): (.*)$/s;

/** By field: mistakes of a refusal, warnings of an answer. */
function findingsOf(
  at: string,
  data: Preview | undefined,
  error: Error | null,
): Partial<Record<string, Finding[]>> {
  const found: Partial<Record<string, Finding[]>> = {};
  const note = (path: string, finding: Finding): void => {
    // A warning about the whole text stands below its last field.
    const named = path === at ? 'text' : fieldOf(at, path);
    // A mistake of the layout stands below what it stands around.
    const field = named === 'layout' ? 'subject' : named;
    if (field === null) return;
    const list = found[field] ?? [];
    list.push(finding);
    found[field] = list;
  };
  if (error instanceof CarillonError) {
    for (const { path, message } of error.errors) {
      const [, line = '1', column = '1', words = message] = PLACE.exec(message) ?? [];
      note(path, { line: Number(line), column: Number(column), message: words, severity: 'error' });
    }
    return found;
  }
  for (const { path, message, line, column } of data?.warnings ?? [])
    note(path, { line: line ?? 0, column: column ?? 0, message, severity: 'warning' });
  return found;
}

/** The field of a path in what is being written. */
function fieldOf(at: string, path: string): string | null {
  if (!path.startsWith(`${at}.`)) return null;
  const field = path.slice(at.length + 1);
  return /^\w+$/.test(field) ? field : null;
}

/** Variables that the sample data do not have. */
function missingOf(error: Error | null): string[] {
  if (!(error instanceof CarillonError) || error.code !== 'missing_variables') return [];
  return error.errors.flatMap(({ path }) => (path.startsWith('data.') ? [path.slice('data.'.length)] : []));
}

/** The sample data with these variables, as JSON. */
function filled(data: Readonly<Record<string, unknown>>, missing: readonly string[]): string {
  const all = structuredClone(data) as Record<string, unknown>;
  for (const path of missing) setPath(all, path, path.split('.').at(-1)!.replaceAll('_', ' '));
  return JSON.stringify(all, null, 2);
}

/** A failure that belongs to no field. */
function otherErrors(at: string, error: Error | null): Error | null {
  if (error === null) return null;
  if (!(error instanceof CarillonError)) return error;
  const isShown = error.errors.every(
    ({ path }) => fieldOf(at, path) !== null || /^(recipient_id|category)$/.test(path),
  );
  return error.errors.length > 0 && isShown ? null : error;
}

function fieldError(error: Error | null, field: string): string | undefined {
  if (!(error instanceof CarillonError)) return undefined;
  return error.errors.find(({ path }) => path === field)?.message;
}
