import type { ProviderAccountHealth } from '@carillon/client/api-types';
import { Group, Text } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { callLive } from '../api/call.ts';
import { useMay } from '../api/session.tsx';
import { Mark, type Tone } from '../elements/mark.tsx';
import { ReasonButton } from '../elements/reason-button.tsx';

const USES: Readonly<Record<ProviderAccountHealth['use'], { tone: Tone; word: string }>> = {
  in_use: { tone: 'good', word: 'in use' },
  on_trial: { tone: 'doubt', word: 'on trial' },
  not_used: { tone: 'bad', word: 'not used' },
};

export function UseMark({ health: { use } }: { health: Pick<ProviderAccountHealth, 'use'> }) {
  const { tone, word } = USES[use];
  return <Mark tone={tone}>{word}</Mark>;
}

const HELD = { open: 'not used', close: 'in use' } as const;

/** Takes an account out of use, keeps it in use whatever fails, or lets it decide by itself again. */
export function HoldButtons({
  account,
  enabled,
  health: { use, held_by: heldBy, since },
  size = 'xs',
}: {
  account: string;
  enabled: boolean;
  health: ProviderAccountHealth;
  size?: 'xs' | 'sm';
}) {
  const may = useMay();
  const queries = useQueryClient();
  if (!may('providers:hold') || !enabled) return null;
  if (since === null)
    return (
      <Text size="xs" className="dim">
        A worker has to use it once before it can be held.
      </Text>
    );
  const act = (operation: 'openBreaker' | 'closeBreaker' | 'releaseBreaker') => async (reason: string) => {
    await callLive(operation, { path: { account }, body: { reason } });
    await queries.invalidateQueries();
  };
  const hint = 'For people: why. The audit log keeps it.';
  if (heldBy !== null)
    return (
      <ReasonButton
        label="Let it decide itself"
        size={size}
        title={`Let ${account} decide by itself again`}
        confirm="Let it decide"
        done={`Nobody holds ${account} any more.`}
        hint={hint}
        action={act('releaseBreaker')}
      >
        It is held as {HELD[use === 'not_used' ? 'open' : 'close']}. After this it is asked at once, and used
        as soon as it works.
      </ReasonButton>
    );
  return (
    <Group gap="xs" wrap="nowrap">
      <ReasonButton
        label="Do not use"
        size={size}
        title={`Send nothing through ${account}`}
        confirm="Do not use it"
        done={`Nothing is sent through ${account} any more.`}
        hint={hint}
        action={act('openBreaker')}
      >
        Its messages go to the next account of the channel, or wait; waiting costs them no attempt. It holds
        for every app, until somebody lets it decide by itself again.
      </ReasonButton>
      {use !== 'in_use' && (
        <ReasonButton
          label="Use anyway"
          size={size}
          title={`Use ${account} whatever fails`}
          confirm="Use it"
          done={`${account} is used.`}
          hint={hint}
          action={act('closeBreaker')}
        >
          Failures are still counted, but they do not take it out of use. It holds for every app, until
          somebody lets it decide by itself again.
        </ReasonButton>
      )}
    </Group>
  );
}
