import type { NotificationWithTimeline } from '@carillon/client/api-types';
import { CANCELLABLE, RESCHEDULABLE, RETRYABLE, SETTLEABLE } from '@carillon/core/notification/by-request';
import { Checkbox, Stack, Text, Textarea, TextInput } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { call } from '../api/call.ts';
import { useMay } from '../api/session.tsx';
import { ConfirmButton } from '../elements/confirm.tsx';
import { fromLocalInput, toLocalInput, ZONE } from '../elements/time.tsx';

type Acted = Pick<NotificationWithTimeline, 'id' | 'status' | 'send_at' | 'next_attempt_at'> & {
  attempts?: NotificationWithTimeline['attempts'];
};

/** What can be done with one message in its state, by the person who looks. The API refuses the rest. */
export function MessageActions({ message, size = 'sm' }: { message: Acted; size?: 'xs' | 'sm' }) {
  const may = useMay();
  const { status } = message;
  const mayHaveArrived = status === 'in_doubt' || message.attempts?.at(-1)?.outcome === 'in_doubt';
  const works = may('notifications:work');
  const settles = may('doubts:settle');
  return (
    <>
      {works && RETRYABLE.includes(status) && (!mayHaveArrived || settles) && (
        <Retry message={message} mayHaveArrived={mayHaveArrived} size={size} />
      )}
      {settles && SETTLEABLE.includes(status) && <MarkSent message={message} size={size} />}
      {works && RESCHEDULABLE.includes(status) && <Reschedule message={message} size={size} />}
      {works && CANCELLABLE.includes(status) && <Cancel message={message} size={size} />}
    </>
  );
}

interface Props {
  message: Acted;
  size: 'xs' | 'sm';
}

function useDone() {
  const queries = useQueryClient();
  return () => queries.invalidateQueries();
}

function Retry({ message: { id }, mayHaveArrived, size }: Props & { mayHaveArrived: boolean }) {
  const done = useDone();
  const [accepted, setAccepted] = useState(false);
  return (
    <ConfirmButton
      label={mayHaveArrived ? 'Send again' : 'Retry'}
      size={size}
      title={mayHaveArrived ? 'Send it again, although it may have arrived' : 'Retry this message'}
      confirm={mayHaveArrived ? 'Send again' : 'Retry'}
      danger={mayHaveArrived}
      done="It is on its way again."
      action={async () => {
        const body = mayHaveArrived ? { accept_duplicate_risk: accepted } : {};
        await call('retryNotification', { path: { id }, body });
        await done();
      }}
    >
      <Stack gap="sm">
        <Text size="sm">
          It starts again from the beginning, with the same text and data and all accounts of its channel.
        </Text>
        {mayHaveArrived && (
          <Checkbox
            label="I accept that the recipient may get it twice"
            checked={accepted}
            onChange={({ currentTarget }) => setAccepted(currentTarget.checked)}
          />
        )}
      </Stack>
    </ConfirmButton>
  );
}

function MarkSent({ message: { id }, size }: Props) {
  const done = useDone();
  const [providerMessageId, setProviderMessageId] = useState('');
  const [note, setNote] = useState('');
  return (
    <ConfirmButton
      label="Mark as sent"
      size={size}
      title="Mark it as sent"
      confirm="Mark as sent"
      done="It counts as sent."
      action={async () => {
        await call('markNotificationSent', {
          path: { id },
          body: {
            ...(providerMessageId.trim() !== '' && { provider_message_id: providerMessageId.trim() }),
            ...(note.trim() !== '' && { note: note.trim() }),
          },
        });
        await done();
      }}
    >
      <Stack gap="sm">
        <Text size="sm">
          It is not sent again. If you are wrong, the recipient never gets it: look it up in the console of
          the provider first, or ask the recipient.
        </Text>
        <TextInput
          label="The provider's message id"
          description="If its console shows one: later reports then find this message."
          value={providerMessageId}
          onChange={({ currentTarget }) => setProviderMessageId(currentTarget.value)}
        />
        <Textarea
          label="How you know"
          description="It stands in what happened."
          value={note}
          onChange={({ currentTarget }) => setNote(currentTarget.value)}
          autosize
        />
      </Stack>
    </ConfirmButton>
  );
}

function Reschedule({ message: { id, next_attempt_at, send_at }, size }: Props) {
  const done = useDone();
  const [at, setAt] = useState(() =>
    toLocalInput(next_attempt_at ?? send_at ?? new Date(Date.now() + 3_600_000)),
  );
  return (
    <ConfirmButton
      label="Another time"
      size={size}
      title="Send it at another time"
      confirm="Set the time"
      done="It has another time."
      action={async () => {
        await call('rescheduleNotification', { path: { id }, body: { send_at: fromLocalInput(at) } });
        await done();
      }}
    >
      <TextInput
        type="datetime-local"
        label={`When, in ${ZONE}`}
        description="A time that is over means now."
        required
        value={at}
        onChange={({ currentTarget }) => setAt(currentTarget.value)}
      />
    </ConfirmButton>
  );
}

function Cancel({ message: { id }, size }: Props) {
  const done = useDone();
  return (
    <ConfirmButton
      label="Cancel"
      size={size}
      title="Cancel this message"
      confirm="Cancel the message"
      danger
      done="It is cancelled and will not be sent."
      action={async () => {
        await call('cancelNotification', { path: { id } });
        await done();
      }}
    >
      It is not sent, and this cannot be undone: to send it after all, a program has to send a new one. If a
      worker takes it this very moment, the page says that it was too late.
    </ConfirmButton>
  );
}
