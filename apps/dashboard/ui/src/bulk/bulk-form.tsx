import type { BulkAction, BulkRequest } from '@carillon/client/api-types';
import { Alert, Button, Checkbox, Group, NumberInput, Radio, Stack, Text, TextInput } from '@mantine/core';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { call } from '../api/call.ts';
import { useMay } from '../api/session.tsx';
import { ProblemAlert } from '../elements/problem.tsx';
import { fromLocalInput, toLocalInput, ZONE } from '../elements/time.tsx';
import type { Filter } from '../notifications/filters.ts';
import { filterWords } from './verbs.ts';

const EXPLAINED: Readonly<Record<BulkAction['action'], string>> = {
  retry: 'Sends again what failed or was given up. What is in another state is skipped.',
  cancel: 'Cancels what is not being sent yet. This cannot be undone.',
  reschedule: 'Gives what is not being sent yet another time.',
};

/** Counts what a filter matches, says what will happen and starts it. */
export default function BulkForm({ filter, close }: { filter: Filter; close(): void }) {
  const may = useMay();
  const navigate = useNavigate();
  const [action, setAction] = useState<BulkAction['action']>('retry');
  const [pace, setPace] = useState<number | string>(50);
  const [at, setAt] = useState(() => toLocalInput(new Date(Date.now() + 3_600_000)));
  const [acceptsRisk, setAcceptsRisk] = useState(false);
  const [counted, setCounted] = useState<BulkAction | null>(null);
  const [error, setError] = useState<unknown>(null);
  const [busy, setBusy] = useState(false);
  /** What was counted is no longer what would be started. */
  const changed = <T,>(set: (value: T) => void) => {
    return (value: T) => {
      set(value);
      setCounted(null);
    };
  };
  const request = (dry_run: boolean): BulkRequest => ({
    action,
    filter: filter as BulkRequest['filter'],
    dry_run,
    idempotency_key: crypto.randomUUID(),
    rate_per_second: Number(pace) || 1,
    ...(action === 'reschedule' && { send_at: fromLocalInput(at) }),
    ...(action === 'retry' && acceptsRisk && { accept_duplicate_risk: true }),
  });
  const run = async () => {
    setBusy(true);
    setError(null);
    try {
      const answer = await call('startBulkAction', { body: request(counted === null) });
      if (counted === null) setCounted(answer);
      else {
        close();
        void navigate({ to: `/bulk/${answer.id}` });
      }
    } catch (failure) {
      setError(failure);
    } finally {
      setBusy(false);
    }
  };
  const noun = counted?.matched === 1 ? 'message' : 'messages';
  const count =
    counted === null ? null : `${counted.matched_is_complete ? '' : 'at least '}${counted.matched}`;
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        void run();
      }}
    >
      <Stack>
        <Text size="sm" style={{ overflowWrap: 'anywhere' }}>
          Messages with {filterWords(filter)}
        </Text>
        <Radio.Group
          label="What to do"
          value={action}
          onChange={changed(setAction as (value: string) => void)}
        >
          <Stack gap="xs" mt="xs">
            <Radio value="retry" label="Retry" description={EXPLAINED.retry} />
            <Radio value="cancel" label="Cancel" description={EXPLAINED.cancel} />
            <Radio value="reschedule" label="Another time" description={EXPLAINED.reschedule} />
          </Stack>
        </Radio.Group>
        {action === 'reschedule' && (
          <TextInput
            type="datetime-local"
            label={`When, in ${ZONE}`}
            required
            value={at}
            onChange={({ currentTarget }) => changed(setAt)(currentTarget.value)}
          />
        )}
        {action === 'retry' && may('doubts:settle') && (
          <Checkbox
            label="Also what may have arrived already"
            description="The recipient may then get it twice. Without it such messages are skipped."
            checked={acceptsRisk}
            onChange={({ currentTarget }) => changed(setAcceptsRisk)(currentTarget.checked)}
          />
        )}
        <NumberInput
          label="Messages a second, at most"
          description="1 to 200. A slow pace leaves time to stop."
          min={1}
          max={200}
          allowDecimal={false}
          value={pace}
          onChange={setPace}
        />
        {counted !== null && (
          <Alert
            variant="outline"
            color={counted.matched === 0 ? 'gray' : 'yellow'}
            role="status"
            title={
              counted.matched === 0
                ? 'No message meets this filter'
                : `${count} ${noun} ${noun === 'message' ? 'meets' : 'meet'} this filter`
            }
          >
            <Text size="sm">
              Those that are there now; later ones are not touched. Each is moved by the rules of a single
              action, and what they refuse is skipped and counted. You can stop it at any time.
            </Text>
          </Alert>
        )}
        {error !== null && <ProblemAlert error={error} />}
        <Group justify="end">
          <Button variant="default" onClick={close}>
            Leave it
          </Button>
          {counted === null ? (
            <Button type="submit" loading={busy}>
              Count first
            </Button>
          ) : (
            <Button
              type="submit"
              loading={busy}
              disabled={counted.matched === 0}
              {...(action === 'cancel' && { color: 'red' })}
            >
              {`${action === 'retry' ? 'Retry' : action === 'cancel' ? 'Cancel' : 'Move'} ${count} ${noun}`}
            </Button>
          )}
        </Group>
      </Stack>
    </form>
  );
}
