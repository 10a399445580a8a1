import { Button, PasswordInput, Stack } from '@mantine/core';
import { useForm } from '@mantine/form';
import { notifications } from '@mantine/notifications';
import { detailOf, own } from '../api/call.ts';

export function PasswordForm() {
  const form = useForm({
    mode: 'uncontrolled',
    initialValues: { current: '', next: '' },
    validate: { next: (text) => (text.length < 12 ? 'Take 12 characters or more.' : null) },
  });
  const submit = form.onSubmit(async ({ current, next }) => {
    try {
      const body = { currentPassword: current, newPassword: next, revokeOtherSessions: true };
      await own('POST', '/auth/change-password', body);
      form.reset();
      notifications.show({ message: 'The password is changed. Every other session has ended.' });
    } catch (error) {
      const detail = detailOf(error);
      form.setFieldError(/^The password/.test(detail) ? 'next' : 'current', detail);
    }
  });
  const visible = { visibilityToggleButtonProps: { 'aria-label': 'Show the password' } };
  return (
    <form onSubmit={submit}>
      <Stack maw={400}>
        <PasswordInput
          label="Current password"
          autoComplete="current-password"
          required
          {...visible}
          {...form.getInputProps('current')}
        />
        <PasswordInput
          label="New password"
          autoComplete="new-password"
          required
          {...visible}
          {...form.getInputProps('next')}
        />
        <div>
          <Button type="submit" variant="default" loading={form.submitting}>
            Change the password
          </Button>
        </div>
      </Stack>
    </form>
  );
}
