import type { TemplateDraft } from '@carillon/client/api-types';
import type { Channel } from '@carillon/core/notification/channel';
import { Anchor, Button, Group, List, Modal, SegmentedControl, Stack, Text, Textarea } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useDisclosure } from '@mantine/hooks';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { call } from '../api/call.ts';
import { linesOf } from '../elements/lines.ts';
import { ProblemAlert } from '../elements/problem.tsx';
import { toOf } from '../elements/send-target.ts';
import { CHANNEL_NAMES, sampleFor } from './texts.ts';

const LAST = 'carillon.test-recipients';

type Results = Awaited<ReturnType<typeof call<'testTemplate'>>>['results'];

/** Sends what is stored to a few people, marked as a test. */
export function TestSend({
  templateKey: key,
  draft,
  isDirty,
  channel,
}: {
  templateKey: string;
  draft: TemplateDraft;
  isDirty: boolean;
  channel: Channel | null;
}) {
  const [opened, { open, close }] = useDisclosure();
  const [results, setResults] = useState<Results | null>(null);
  const [error, setError] = useState<unknown>(null);
  const form = useForm({
    initialValues: {
      recipients: localStorage.getItem(LAST) ?? '',
      source: draft.saved ? 'draft' : 'published',
    },
    validate: {
      recipients: (text) => {
        const { length } = linesOf(text);
        if (length === 0) return 'Name one at least.';
        return length > 10 ? `These are ${length}; a test goes to ten at most.` : null;
      },
    },
  });
  const send = form.onSubmit(async ({ recipients, source }) => {
    setError(null);
    setResults(null);
    const sample = localStorage.getItem(`carillon.sample.${key}`);
    try {
      const data = sample === null ? sampleFor(draft.required_variables) : (JSON.parse(sample) as object);
      const answer = await call('testTemplate', {
        path: { key },
        body: {
          recipients: linesOf(recipients).map(toOf),
          data: data as Record<string, unknown>,
          draft: source === 'draft',
          ...(channel !== null && { channel }),
        },
      });
      localStorage.setItem(LAST, recipients);
      setResults(answer.results);
    } catch (failure) {
      setError(failure);
    }
  });
  return (
    <>
      <Button variant="default" onClick={open} disabled={isDirty}>
        Test
      </Button>
      <Modal
        opened={opened}
        onClose={close}
        title={`Send ${key} as a test`}
        closeButtonProps={{ 'aria-label': 'Close' }}
      >
        <form onSubmit={send}>
          <Stack>
            <Text size="sm">
              Real messages{channel !== null && ` by ${CHANNEL_NAMES[channel]}`} with the sample data of the
              preview, marked [TEST]. They count in no statistics of templates or campaigns.
            </Text>
            {draft.saved && draft.published_version > 0 && (
              <SegmentedControl
                aria-label="What is sent"
                data={[
                  { value: 'draft', label: 'The draft' },
                  { value: 'published', label: `Version ${draft.published_version}` },
                ]}
                {...form.getInputProps('source')}
              />
            )}
            <Textarea
              label="Recipients"
              description="Your ids of people, e-mail addresses or numbers (+44...), one a line"
              autosize
              minRows={2}
              required
              data-autofocus
              {...form.getInputProps('recipients')}
            />
            {error !== null && <ProblemAlert error={error} />}
            {results !== null && <ResultList results={results} names={linesOf(form.values.recipients)} />}
            <Group justify="end">
              <Button variant="default" onClick={close}>
                Close
              </Button>
              <Button type="submit" loading={form.submitting}>
                Send the test
              </Button>
            </Group>
          </Stack>
        </form>
      </Modal>
    </>
  );
}

/** What became of each recipient. */
export function ResultList({ results, names }: { results: Results; names: readonly string[] }) {
  return (
    <List size="sm" aria-label="What became of it" role="status">
      {results.map((result) => (
        <List.Item key={result.index}>
          <span className="mono">{names[result.index]}</span>:{' '}
          {'error' in result ? (
            result.error.detail
          ) : (
            <>
              {result.state === 'scheduled' ? 'scheduled' : 'accepted'},{' '}
              <Anchor component={Link} to={`/notifications/${result.id}`} size="sm">
                see the message
              </Anchor>
            </>
          )}
        </List.Item>
      ))}
    </List>
  );
}
