import type { Suppression } from '@carillon/client/api-types';
import { Text } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { call } from '../api/call.ts';
import { useHere, useMay } from '../api/session.tsx';
import { ReasonButton } from '../elements/reason-button.tsx';
import { REASON_MEANING } from './words.ts';

/** Lets an address be written to again. @param also done in the same breath, for example enabling the address. */
export function LiftButton({
  of: { channel, address_hash, reason },
  also,
  onLifted,
  size = 'xs',
}: {
  of: Pick<Suppression, 'channel' | 'address_hash' | 'reason'>;
  also?: { says: string; run(why: string): Promise<unknown> };
  onLifted?: () => void;
  size?: 'xs' | 'sm';
}) {
  const may = useMay();
  const { tenant } = useHere();
  const queries = useQueryClient();
  if (!may('suppressions:*')) return null;
  return (
    <ReasonButton
      label="Lift"
      size={size}
      title="Lift this suppression"
      confirm="Lift it"
      done="The address may be written to again."
      hint="Who asked for it, for example the number of the ticket. The audit log keeps it."
      action={async (why) => {
        await call('liftSuppression', { path: { channel, address_hash }, body: { reason: why } });
        await also?.run(why);
        // The suppression itself is gone: the page that shows it learns that from the list or the recipient.
        await queries.invalidateQueries({ predicate: ({ queryKey }) => queryKey[2] !== 'suppression' });
        onLifted?.();
        queries.removeQueries({
          queryKey: [tenant.app, tenant.environment, 'suppression', channel, address_hash],
        });
      }}
    >
      <Text size="sm">{REASON_MEANING[reason]}</Text>
      {also && (
        <Text size="sm" mt="xs">
          {also.says}
        </Text>
      )}
    </ReasonButton>
  );
}
