import type { AuditVerification } from '@carillon/client/api-types';
import { Alert, Button, Group, Loader, Modal, Stack, Text } from '@mantine/core';
import { useState } from 'react';
import type { call } from '../api/call.ts';
import { Copyable } from '../elements/copy.tsx';
import { ProblemAlert } from '../elements/problem.tsx';
import { count } from '../elements/quantities.ts';
import { Time } from '../elements/time.tsx';

type State =
  | { at: 'checking'; checked: number }
  | { at: 'done'; checked: number; result: AuditVerification }
  | { at: 'failed'; error: unknown };

/** Checks the hash chain from its beginning, answer by answer, and says how far it is. */
export function VerifyChain({ ask }: { ask: typeof call }) {
  const [state, setState] = useState<State | null>(null);
  const [run, setRun] = useState<AbortController | null>(null);
  const verify = async () => {
    const controller = new AbortController();
    setRun(controller);
    setState({ at: 'checking', checked: 0 });
    try {
      let cursor: string | undefined;
      for (let checked = 0; ; ) {
        const { signal } = controller;
        const result = await ask('verifyAudit', { query: { cursor } }, { signal });
        checked += result.checked;
        if (controller.signal.aborted) return;
        if (result.status !== 'unfinished') return setState({ at: 'done', checked, result });
        setState({ at: 'checking', checked });
        cursor = result.next_cursor ?? undefined;
      }
    } catch (error) {
      if (!controller.signal.aborted) setState({ at: 'failed', error });
    }
  };
  const close = () => {
    run?.abort();
    setState(null);
  };
  return (
    <>
      <Button variant="default" onClick={() => void verify()}>
        Verify the chain
      </Button>
      <Modal
        opened={state !== null}
        onClose={close}
        title="The chain of the audit log"
        closeButtonProps={{ 'aria-label': 'Close' }}
      >
        <div role="status">
          {state?.at === 'checking' && (
            <Group gap="sm">
              <Loader size="sm" aria-hidden />
              <Text>{count(state.checked)} entries are intact so far.</Text>
            </Group>
          )}
          {state?.at === 'done' && <Result checked={state.checked} result={state.result} />}
        </div>
        {state?.at === 'failed' && <ProblemAlert error={state.error} retry={() => void verify()} />}
      </Modal>
    </>
  );
}

function Result({ checked, result: { broken, head } }: { checked: number; result: AuditVerification }) {
  if (broken !== null)
    return (
      <Alert color="red" variant="outline" title="The chain is broken">
        <Text size="sm">
          The entry {broken.id} of <Time at={broken.at} /> does not fit its predecessor: it was changed, or
          entries before it were changed or removed. The {count(checked)} entries that were checked belong to
          all apps. Compare with a backup from before.
        </Text>
      </Alert>
    );
  return (
    <Alert color="teal" variant="outline" title={`All ${count(checked)} entries are intact`}>
      <Stack gap="xs">
        <Text size="sm">
          Each has the hash of its predecessor and its own content. One chain holds the entries of all apps.
        </Text>
        {head !== null && (
          <Text size="sm" component="div">
            The newest is entry {head.id}. Note its hash outside of the database: if it is gone later, the
            newest entries were removed.
            <div>
              <Copyable text={head.hash} label="the hash" />
            </div>
          </Text>
        )}
      </Stack>
    </Alert>
  );
}
