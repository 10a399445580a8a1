import type { SandboxMessage } from '@carillon/client/api-types';
import { CHANNELS } from '@carillon/core/notification/channel';
import { Anchor, Button, Group, Select, Stack, Text, TextInput, UnstyledButton } from '@mantine/core';
import { useMediaQuery } from '@mantine/hooks';
import { Link, useNavigate } from '@tanstack/react-router';
import { useEffect, useState } from 'react';
import { call } from '../api/call.ts';
import { useHere } from '../api/session.tsx';
import { Loading } from '../elements/data-table.tsx';
import { curlOf, Empty } from '../elements/empty.tsx';
import { useFilters } from '../elements/filters.ts';
import { Mark } from '../elements/mark.tsx';
import { PageFrame } from '../elements/page.tsx';
import { usePages } from '../elements/pages-query.ts';
import { ProblemAlert } from '../elements/problem.tsx';
import { Stale } from '../elements/stale.tsx';
import { formatTime } from '../elements/time.tsx';
import { StateMark } from '../elements/words.tsx';
import { ContentView } from '../notifications/content-view.tsx';
import { Hidden } from '../notifications/sent.tsx';
import './inbox.css';

const NAMES: Record<string, string> = { email: 'Mail', sms: 'SMS', push: 'Push', in_app: 'In-app' };

/** What test keys sent and the simulator received, to be read like an inbox. */
export default function SandboxInbox() {
  const { tenant } = useHere();
  const navigate = useNavigate();
  if (tenant.environment === 'live')
    return (
      <PageFrame title="Sandbox inbox">
        <Empty title="The sandbox is of the test environment">
          <Stack gap="sm" align="start">
            <Text>What test keys send reaches no person; it is read here. You are looking at live.</Text>
            <Button
              onClick={() => void navigate({ to: '.', search: { app: tenant.app, env: 'test' } as never })}
            >
              Go to test
            </Button>
          </Stack>
        </Empty>
      </PageFrame>
    );
  return <Inbox />;
}

const keyOf = ({ notification_id, content }: SandboxMessage) => `${notification_id}.${content.channel}`;

function Inbox() {
  const [filters, change] = useFilters(['channel', 'to', 'q', 'open']);
  const { channel, to, q, open } = filters;
  const query = usePages(
    ['sandbox', channel, to, q],
    (cursor, signal) =>
      call('listSandbox', { query: { channel: channel as never, to, q, cursor } }, { signal }),
    { refetchMs: 5_000 },
  );
  const isNarrow = useMediaQuery('(max-width: 62em)') ?? false;
  const messages = query.data?.pages.flatMap(({ data }) => data) ?? [];
  const opened = messages.find((message) => keyOf(message) === open) ?? null;
  const isFiltered = channel !== undefined || to !== undefined || q !== undefined;
  const list = (
    <Stack gap="sm">
      <ul className="inbox" aria-label="Messages in the sandbox">
        {messages.map((message) => (
          <li key={keyOf(message)}>
            <Row
              message={message}
              isOpen={message === opened}
              onOpen={() => change({ open: keyOf(message) })}
            />
          </li>
        ))}
      </ul>
      {query.hasNextPage && (
        <Button
          variant="default"
          loading={query.isFetchingNextPage}
          onClick={() => void query.fetchNextPage()}
        >
          {messages.length === 0 ? 'Look further back' : 'Show more'}
        </Button>
      )}
    </Stack>
  );
  return (
    <PageFrame
      title="Sandbox inbox"
      description="What test keys sent, as the simulator received it. No person gets any of this."
    >
      <Filters {...{ channel, to, q }} change={change} />
      {query.isError && query.data === undefined && (
        <ProblemAlert error={query.error} retry={() => void query.refetch()} />
      )}
      {query.isError && query.data !== undefined && <Stale since={query.dataUpdatedAt} error={query.error} />}
      {query.isPending ? (
        <Loading />
      ) : messages.length === 0 && !query.hasNextPage ? (
        <Nothing isFiltered={isFiltered} />
      ) : isNarrow ? (
        opened ? (
          <Reader message={opened} close={() => change({ open: undefined })} />
        ) : (
          list
        )
      ) : (
        <div className="inbox-panes">
          {list}
          {opened ? (
            <Reader message={opened} />
          ) : (
            <Text className="dim" p="md">
              Choose a message to read it.
            </Text>
          )}
        </div>
      )}
    </PageFrame>
  );
}

function Filters({
  channel,
  to,
  q,
  change,
}: {
  channel: string | undefined;
  to: string | undefined;
  q: string | undefined;
  change(next: { channel?: string | undefined; to?: string | undefined; q?: string | undefined }): void;
}) {
  const [toText, setTo] = useState(to ?? '');
  const [text, setText] = useState(q ?? '');
  useEffect(() => setTo(to ?? ''), [to]);
  useEffect(() => setText(q ?? ''), [q]);
  const commit = () => change({ to: toText.trim() || undefined, q: text.trim() || undefined });
  return (
    <search>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          commit();
        }}
      >
        <Group gap="xs" align="end">
          <Select
            label="Channel"
            size="xs"
            w={120}
            placeholder="any"
            clearable
            clearButtonProps={{ 'aria-label': 'Any channel' }}
            data={CHANNELS.map((value) => ({ value, label: NAMES[value]! }))}
            value={channel ?? null}
            onChange={(value) => change({ channel: value ?? undefined })}
          />
          <TextInput
            label="To"
            size="xs"
            value={toText}
            onChange={({ currentTarget }) => setTo(currentTarget.value)}
            onBlur={commit}
          />
          <TextInput
            label="Words in it"
            size="xs"
            value={text}
            onChange={({ currentTarget }) => setText(currentTarget.value)}
            onBlur={commit}
          />
          <Button size="xs" variant="default" type="submit">
            Show
          </Button>
        </Group>
      </form>
    </search>
  );
}

function Row({ message, isOpen, onOpen }: { message: SandboxMessage; isOpen: boolean; onOpen(): void }) {
  const { content, to, recipient_id, at, error } = message;
  return (
    <UnstyledButton className="inbox-row" aria-current={isOpen} onClick={onOpen}>
      <span className="inbox-line">
        <strong>{to ?? recipient_id ?? 'nobody'}</strong>
        <span className="dim">{NAMES[content.channel]}</span>
      </span>
      <span className="inbox-subject">{subjectOf(message)}</span>
      <span className="inbox-line dim">
        <time dateTime={at}>{formatTime(at)}</time>
        {error !== null && <Mark tone="bad">{error.code}</Mark>}
      </span>
    </UnstyledButton>
  );
}

function subjectOf({ content, unavailable }: SandboxMessage): string {
  if (unavailable !== null) return 'not to be read';
  return content.subject ?? content.title ?? content.text ?? content.problem?.message ?? '';
}

function Reader({ message, close }: { message: SandboxMessage; close?: () => void }) {
  const { content, to, unavailable, notification_id, status, error } = message;
  return (
    <Stack component="section" gap="sm" aria-label="The message" style={{ minWidth: 0 }}>
      <Group gap="sm">
        {close && (
          <Button size="xs" variant="default" onClick={close}>
            Back to the inbox
          </Button>
        )}
        <StateMark state={status} />
        <Anchor component={Link} to={`/notifications/${notification_id}`} size="sm">
          What happened to it
        </Anchor>
      </Group>
      {error !== null && (
        <Text size="sm">
          The simulator answered <span className="mono">{error.code}</span> {error.message}
        </Text>
      )}
      {unavailable !== null ? (
        <Hidden reason={unavailable.reason} />
      ) : (
        <ContentView key={keyOf(message)} content={content} to={to} />
      )}
    </Stack>
  );
}

function Nothing({ isFiltered }: { isFiltered: boolean }) {
  if (isFiltered)
    return <Empty title="Nothing meets these filters">Take one away to see more of the sandbox.</Empty>;
  return (
    <Empty
      title="The sandbox is empty"
      curl={curlOf('POST', '/v1/notifications', {
        to: { email: 'ada@example.com' },
        channel: 'email',
        content: { subject: 'Hello', text: 'It works', html: '<p>It works</p>' },
      })}
    >
      Send something with a test key of this app, and it is here in a moment:
    </Empty>
  );
}
