import type { Campaign } from '@carillon/client/api-types';
import { Button, Group, Modal, Stack, Text, Textarea } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useDisclosure } from '@mantine/hooks';
import { useState } from 'react';
import { call } from '../../api/call.ts';
import { linesOf } from '../../elements/lines.ts';
import { ProblemAlert } from '../../elements/problem.tsx';
import { toOf } from '../../elements/send-target.ts';
import { ResultList } from '../../templates/test-send.tsx';

const LAST = 'carillon.test-recipients';
const MOST = 10;

type Results = Awaited<ReturnType<typeof call<'testCampaign'>>>['results'];

/** Sends the campaign to a few people now, marked as a test; nothing of it is counted. */
export function TestSend({ campaign }: { campaign: Campaign }) {
  const [opened, { open, close }] = useDisclosure();
  const [results, setResults] = useState<Results | null>(null);
  const [error, setError] = useState<unknown>(null);
  const form = useForm({
    initialValues: { recipients: localStorage.getItem(LAST) ?? '' },
    validate: {
      recipients: (text) => {
        const { length } = linesOf(text);
        if (length === 0) return 'Name one at least.';
        return length > MOST ? `These are ${length}; a test goes to ${MOST} at most.` : null;
      },
    },
  });
  const names = linesOf(form.values.recipients);
  const send = form.onSubmit(async ({ recipients }) => {
    setError(null);
    setResults(null);
    try {
      const body = { recipients: linesOf(recipients).map(toOf) };
      const answer = await call('testCampaign', { path: { id: campaign.id }, body });
      localStorage.setItem(LAST, recipients);
      setResults(answer.results);
    } catch (failure) {
      setError(failure);
    }
  });
  return (
    <>
      <Button variant="default" onClick={open}>
        Send a test
      </Button>
      <Modal
        opened={opened}
        onClose={close}
        title={`Send ${campaign.name} as a test`}
        closeButtonProps={{ 'aria-label': 'Close' }}
      >
        <form onSubmit={send}>
          <Stack>
            <Text size="sm">
              Real messages with the variables of these people, marked [TEST]. They count in no statistics,
              and none of them counts as having had the campaign.
            </Text>
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
            {results !== null && <ResultList results={results} names={names} />}
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
