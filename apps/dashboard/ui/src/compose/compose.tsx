import type { Explanation, SendRequest, TemplateDraft } from '@carillon/client/api-types';
import { CHANNELS, type Channel } from '@carillon/core/notification/channel';
import {
  Anchor,
  Button,
  Card,
  Checkbox,
  Group,
  JsonInput,
  List,
  SegmentedControl,
  Select,
  Stack,
  Text,
  Textarea,
  TextInput,
  Title,
} from '@mantine/core';
import { useForm } from '@mantine/form';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useMemo, useRef, useState } from 'react';
import { call } from '../api/call.ts';
import { useHere } from '../api/session.tsx';
import { Loading } from '../elements/data-table.tsx';
import { curlOf, Empty } from '../elements/empty.tsx';
import { useFilters } from '../elements/filters.ts';
import { linesOf } from '../elements/lines.ts';
import { Mark, type Tone } from '../elements/mark.tsx';
import { MomentInput } from '../elements/moment-input.tsx';
import { PageFrame } from '../elements/page.tsx';
import { ProblemAlert } from '../elements/problem.tsx';
import { toOf } from '../elements/send-target.ts';
import { formatTime, ZONE } from '../elements/time.tsx';
import { Rendered } from '../templates/preview-panel.tsx';
import { CHANNEL_NAMES, setPath } from '../templates/texts.ts';

const MAX_RECIPIENTS = 50;
const EXPLAINED = 3;

interface Values {
  recipients: string;
  channels: Channel[];
  fields: Record<string, string>;
  json: string;
  category: string;
  when: 'now' | 'later';
  sendAt: string;
}

/** A message to one or several people, now or later. */
export default function Compose() {
  const { tenant } = useHere();
  const here = [tenant.app, tenant.environment];
  const [filters, change] = useFilters(['template']);
  const templates = useQuery({
    queryKey: [...here, 'templates', 'all'],
    queryFn: ({ signal }) => call('listTemplates', { query: { limit: 200 } }, { signal }),
  });
  const key = filters.template ?? null;
  const template = useQuery({
    queryKey: [...here, 'template', key],
    queryFn: ({ signal }) => call('getTemplate', { path: { key: key! }, query: {} }, { signal }),
    enabled: key !== null,
  });
  return (
    <PageFrame
      title="Send a message"
      description="To one person or several, now or later. For many people use a campaign."
    >
      {templates.isPending && <Loading />}
      {templates.isError && <ProblemAlert error={templates.error} retry={() => void templates.refetch()} />}
      {templates.data?.data.length === 0 && (
        <Empty
          title="There is no published template yet"
          curl={curlOf('PUT', '/v1/templates/hello', {
            channels: { email: { en: { subject: 'Hello {{ name }}', text: 'Hello {{ name }}!' } } },
          })}
        >
          Write and publish one under{' '}
          <Anchor component={Link} to="/templates">
            Templates
          </Anchor>
          , or by the API:
        </Empty>
      )}
      {templates.data !== undefined && templates.data.data.length > 0 && (
        <Select
          label="Template"
          placeholder="Choose one"
          data={templates.data.data.map((each) => each.key)}
          value={key}
          onChange={(next) => change({ template: next ?? undefined })}
          searchable
          maw="36rem"
        />
      )}
      {template.isError && <ProblemAlert error={template.error} />}
      {template.data !== undefined && key !== null && (
        <ComposeForm
          key={`${key} ${template.data.version}`}
          template={key}
          channels={CHANNELS.filter((channel) => template.data.channels[channel] !== undefined)}
          variables={template.data.required_variables}
        />
      )}
    </PageFrame>
  );
}

function ComposeForm({
  template,
  channels,
  variables,
}: {
  template: string;
  channels: Channel[];
  variables: TemplateDraft['required_variables'];
}) {
  const { tenant } = useHere();
  // The same form sent twice is one message each.
  const once = useRef(crypto.randomUUID());
  const [error, setError] = useState<unknown>(null);
  const [explained, setExplained] = useState<{ name: string; answer: Explanation | Error }[] | null>(null);
  const [sent, setSent] = useState<{ names: string[]; results: BatchResults } | null>(null);
  const [busy, setBusy] = useState<'check' | 'send' | null>(null);
  const categories = useQuery({
    queryKey: [tenant.app, tenant.environment, 'categories', 'all'],
    queryFn: ({ signal }) => call('listCategories', { query: { limit: 200 } }, { signal }),
    retry: false,
  });
  const form = useForm<Values>({
    initialValues: {
      recipients: '',
      channels,
      fields: Object.fromEntries(variables.map((path) => [path, ''])),
      json: '',
      category: '',
      when: 'now',
      sendAt: '',
    },
    validate: {
      recipients: (text) => {
        const { length } = linesOf(text);
        if (length === 0) return 'Name one at least.';
        return length > MAX_RECIPIENTS ? `These are ${length}; here ${MAX_RECIPIENTS} at most.` : null;
      },
      channels: (chosen) => (chosen.length === 0 ? 'Choose one at least.' : null),
      json: (text) => (parsed(text) === null ? 'This is not a JSON object.' : null),
      sendAt: (at, { when }) => {
        if (when === 'now') return null;
        if (at === '') return 'Choose a time.';
        return Date.parse(at) <= Date.now() ? 'This has passed.' : null;
      },
    },
  });
  const { values } = form;
  const names = useMemo(() => linesOf(values.recipients), [values.recipients]);

  const requestFor = (name: string, index: number): SendRequest => {
    const to = toOf(name);
    const route = routeFor(to, values.channels);
    const data: Record<string, unknown> = { ...parsed(values.json) };
    for (const [path, text] of Object.entries(values.fields)) if (text !== '') setPath(data, path, text);
    return {
      to,
      ...(route.length === 1 ? { channel: route[0]! } : { route }),
      template,
      data,
      ...(values.category.trim() !== '' && { category: values.category.trim() }),
      ...(values.when === 'later' && { send_at: values.sendAt }),
      idempotency_key: `dashboard_${once.current}_${index}`,
    };
  };
  const check = async () => {
    if (form.validate().hasErrors) return;
    setBusy('check');
    setError(null);
    const answers = await Promise.all(
      names.slice(0, EXPLAINED).map(async (name, index) => ({
        name,
        answer: await call('explainNotification', { body: requestFor(name, index) }).catch(
          (failure: Error) => failure,
        ),
      })),
    );
    setExplained(answers);
    setBusy(null);
  };
  const send = form.onSubmit(async () => {
    setBusy('send');
    setError(null);
    try {
      const { results } = await call('sendNotificationBatch', {
        body: { notifications: names.map(requestFor) },
      });
      setSent({ names, results });
      // What was accepted is not sent again by a second click; a new form is a new message.
      if (results.every((result) => 'id' in result)) once.current = crypto.randomUUID();
    } catch (failure) {
      setError(failure);
    } finally {
      setBusy(null);
    }
  });

  if (sent !== null)
    return (
      <Sent
        names={sent.names}
        results={sent.results}
        isLater={values.when === 'later'}
        again={() => {
          setSent(null);
          setExplained(null);
        }}
      />
    );
  return (
    <form onSubmit={send} noValidate>
      <Stack maw="36rem">
        <Textarea
          label="Recipients"
          description="Your ids of people, e-mail addresses or numbers (+44...), one a line"
          autosize
          minRows={2}
          maxRows={10}
          required
          {...form.getInputProps('recipients')}
        />
        {channels.length > 1 && (
          <Checkbox.Group
            label="Channels"
            description="Tried in this order until one reaches the person"
            {...form.getInputProps('channels')}
          >
            <Group mt="xs">
              {channels.map((channel) => (
                <Checkbox key={channel} value={channel} label={CHANNEL_NAMES[channel]} />
              ))}
            </Group>
          </Checkbox.Group>
        )}
        {variables.map((path) => (
          <TextInput
            key={path}
            label={path}
            description="The template prints it"
            value={values.fields[path] ?? ''}
            onChange={(event) => {
              const { value } = event.currentTarget;
              form.setFieldValue('fields', { ...form.getValues().fields, [path]: value });
            }}
          />
        ))}
        <details>
          <summary>More data, as JSON</summary>
          <JsonInput
            aria-label="More data, as JSON"
            autosize
            minRows={3}
            mt="xs"
            formatOnBlur
            placeholder='{ "items": [{ "title": "Book", "price": 12.5 }] }'
            {...form.getInputProps('json')}
          />
        </details>
        <Select
          label="Category"
          description="What people can opt out of, and how it is treated"
          placeholder="None"
          clearable
          searchable
          data={(categories.data?.data ?? [])
            .filter(({ name }) => name !== '*')
            .map(({ name, titles }) => ({
              value: name,
              label: titles['en'] ? `${titles['en']} (${name})` : name,
            }))}
          value={values.category === '' ? null : values.category}
          onChange={(next) => form.setFieldValue('category', next ?? '')}
        />
        <Stack gap="xs">
          <SegmentedControl
            aria-label="When"
            data={[
              { value: 'now', label: 'Now' },
              { value: 'later', label: 'Later' },
            ]}
            {...form.getInputProps('when')}
          />
          {values.when === 'later' && (
            <MomentInput
              label="Send at"
              required
              value={values.sendAt}
              onChange={(at) => form.setFieldValue('sendAt', at)}
              error={(form.errors['sendAt'] as string | undefined) ?? null}
            />
          )}
        </Stack>
        {error !== null && <ProblemAlert error={error} />}
        <Group>
          <Button variant="default" onClick={() => void check()} loading={busy === 'check'}>
            Check first
          </Button>
          <Button type="submit" loading={busy === 'send'}>
            {values.when === 'later' && values.sendAt !== ''
              ? `Send at ${formatTime(values.sendAt).slice(0, -3)} (${ZONE})`
              : `Send to ${names.length || 'nobody yet'}`}
          </Button>
        </Group>
        {explained !== null && (
          <Stack component="section" aria-label="What would happen">
            <Title order={2}>What would happen</Title>
            {explained.map(({ name, answer }) => (
              <Explained key={name} name={name} answer={answer} />
            ))}
            {names.length > EXPLAINED && (
              <Text size="sm" className="dim">
                Checked for the first {EXPLAINED} of {names.length}.
              </Text>
            )}
          </Stack>
        )}
      </Stack>
    </form>
  );
}

type BatchResults = Awaited<ReturnType<typeof call<'sendNotificationBatch'>>>['results'];

/** An address has its own channel; a recipient is tried on every chosen one. */
function routeFor(to: SendRequest['to'], chosen: readonly Channel[]): Channel[] {
  const ordered = CHANNELS.filter((channel) => chosen.includes(channel));
  if (to.email !== undefined) return ['email'];
  if (to.phone !== undefined) return ['sms'];
  return ordered;
}

/** Null for what is not an object. */
function parsed(text: string): Record<string, unknown> | null {
  if (text.trim() === '') return {};
  try {
    const value: unknown = JSON.parse(text);
    return value !== null && typeof value === 'object' && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : null;
  } catch {
    return null;
  }
}

const WOULD: Readonly<Record<Explanation['would'], readonly [Tone, string]>> = {
  send: ['good', 'would be sent'],
  hold: ['waiting', 'would wait'],
  skip: ['doubt', 'would not be sent'],
  fail: ['bad', 'would fail'],
};

function Explained({ name, answer }: { name: string; answer: Explanation | Error }) {
  if (answer instanceof Error)
    return (
      <Card withBorder>
        <Text fw={550} mb="xs">
          {name}
        </Text>
        <ProblemAlert error={answer} />
      </Card>
    );
  const [tone, words] = WOULD[answer.would];
  return (
    <Card withBorder>
      <Stack gap="xs">
        <Group gap="xs">
          <Text fw={550}>{name}</Text>
          <Mark tone={tone}>{words}</Mark>
          <Text size="sm">
            by {CHANNEL_NAMES[answer.channel]}
            {answer.at !== null && `, ${formatTime(answer.at)} (${ZONE})`}
          </Text>
        </Group>
        <List size="sm">
          {answer.because.map(({ code, detail }) => (
            <List.Item key={`${code} ${detail}`}>{detail}</List.Item>
          ))}
        </List>
        {answer.rendered !== null && (
          <Rendered preview={{ channel: answer.channel, content: answer.rendered }} />
        )}
      </Stack>
    </Card>
  );
}

function Sent({
  names,
  results,
  isLater,
  again,
}: {
  names: readonly string[];
  results: BatchResults;
  isLater: boolean;
  again(): void;
}) {
  const good = results.filter((result) => 'id' in result).length;
  return (
    <Stack maw="36rem" role="status" aria-label="What became of it">
      <Title order={2}>
        {good} of {results.length} {isLater ? 'scheduled' : 'accepted'}
      </Title>
      <List size="sm">
        {results.map((result) => (
          <List.Item key={result.index}>
            <span className="mono">{names[result.index]}</span>:{' '}
            {'error' in result ? (
              result.error.detail
            ) : (
              <Anchor component={Link} to={`/notifications/${result.id}`} size="sm">
                {result.state}
              </Anchor>
            )}
          </List.Item>
        ))}
      </List>
      <Group>
        {isLater && (
          <Button component={Link} to="/calendar">
            See what is scheduled
          </Button>
        )}
        <Button variant="default" onClick={again}>
          Back to the form
        </Button>
      </Group>
    </Stack>
  );
}
