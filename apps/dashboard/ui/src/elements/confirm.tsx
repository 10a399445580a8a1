import { Button, type ButtonProps, Group, Modal, Stack, Text } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { notifications } from '@mantine/notifications';
import { type ReactNode, useState } from 'react';
import { ProblemAlert } from './problem.tsx';

/**
 * A button for something with consequences: it says what will happen and what the risk is, and shows the server's
 * refusal in the same place.
 *
 * @param children the explanation, and fields where the action needs some.
 * @param action resolves to false where it did not succeed and the page says why.
 * @param done said after success.
 */
export function ConfirmButton({
  label,
  title,
  children,
  confirm,
  action,
  done,
  danger = false,
  disabled = false,
  ...button
}: {
  label: string;
  title: string;
  children: ReactNode;
  confirm: string;
  action(): Promise<unknown>;
  done: string;
  danger?: boolean;
  disabled?: boolean;
} & Pick<ButtonProps, 'variant' | 'size' | 'color'>) {
  const [opened, { open, close }] = useDisclosure();
  const [error, setError] = useState<unknown>(null);
  const [busy, setBusy] = useState(false);
  const run = async () => {
    setBusy(true);
    setError(null);
    try {
      if ((await action()) !== false) notifications.show({ message: done });
      close();
    } catch (failure) {
      setError(failure);
    } finally {
      setBusy(false);
    }
  };
  return (
    <>
      <Button variant="default" disabled={disabled} {...button} onClick={open}>
        {label}
      </Button>
      <Modal opened={opened} onClose={close} title={title} closeButtonProps={{ 'aria-label': 'Close' }}>
        <form
          onSubmit={(event) => {
            event.preventDefault();
            void run();
          }}
        >
          <Stack>
            <Text component="div" size="sm">
              {children}
            </Text>
            {error !== null && <ProblemAlert error={error} />}
            <Group justify="end">
              <Button variant="default" onClick={close}>
                Leave it
              </Button>
              <Button type="submit" loading={busy} {...(danger && { color: 'red' })}>
                {confirm}
              </Button>
            </Group>
          </Stack>
        </form>
      </Modal>
    </>
  );
}
