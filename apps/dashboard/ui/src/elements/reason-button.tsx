import { Stack, Textarea } from '@mantine/core';
import { type ComponentProps, type ReactNode, useState } from 'react';
import { ConfirmButton } from './confirm.tsx';

/** A button for something that needs a reason, which the audit log keeps. @param hint what to write. */
export function ReasonButton({
  children,
  hint,
  action,
  ...rest
}: Omit<ComponentProps<typeof ConfirmButton>, 'action' | 'children'> & {
  children: ReactNode;
  hint: string;
  action(reason: string): Promise<unknown>;
}) {
  const [reason, setReason] = useState('');
  return (
    <ConfirmButton {...rest} action={() => action(reason.trim()).then(() => setReason(''))}>
      <Stack gap="sm">
        <div>{children}</div>
        <Textarea
          label="Reason"
          description={hint}
          required
          maxLength={500}
          rows={3}
          value={reason}
          onChange={(event) => setReason(event.currentTarget.value)}
        />
      </Stack>
    </ConfirmButton>
  );
}
