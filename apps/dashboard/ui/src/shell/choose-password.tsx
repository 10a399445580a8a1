import { Alert, Button, Card, Center, PasswordInput, Stack, Text, Title } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useSearch } from '@tanstack/react-router';
import { useState } from 'react';
import { detailOf, own } from '../api/call.ts';
import type { Search } from './search.ts';

/** Where the links of invitations and resets lead. */
export function ChoosePassword() {
  const { token = '' } = useSearch({ strict: false }) as Search;
  const [problem, setProblem] = useState('');
  const form = useForm({
    mode: 'uncontrolled',
    initialValues: { password: '', again: '' },
    validate: {
      password: (text) => (text.length < 12 ? 'Take 12 characters or more.' : null),
      again: (text, { password }) => (text === password ? null : 'The two are not the same.'),
    },
  });
  const submit = form.onSubmit(async ({ password }) => {
    setProblem('');
    try {
      await own('POST', '/auth/reset-password', { token, newPassword: password });
      window.location.assign('/');
    } catch (error) {
      const detail = detailOf(error);
      if (/^The password/.test(detail)) form.setFieldError('password', detail);
      else
        setProblem(
          /token/i.test(detail) ? 'The link was used before or has run out. Ask for another one.' : detail,
        );
    }
  });
  const visible = { visibilityToggleButtonProps: { 'aria-label': 'Show the password' } };
  return (
    <Center mih="80vh" p="md" component="main">
      <Card withBorder w="100%" maw={400} p="xl">
        <Title order={1} mb="md">
          Choose a password
        </Title>
        <form onSubmit={submit}>
          <Stack>
            {problem !== '' && (
              <Alert color="red" role="alert" variant="outline">
                {problem}
              </Alert>
            )}
            <Text size="sm">12 characters or more that are hard to guess; a sentence is good.</Text>
            <PasswordInput
              label="New password"
              autoComplete="new-password"
              {...visible}
              {...form.getInputProps('password')}
            />
            <PasswordInput
              label="Once more"
              autoComplete="new-password"
              {...visible}
              {...form.getInputProps('again')}
            />
            <Button type="submit" loading={form.submitting}>
              Choose it
            </Button>
          </Stack>
        </form>
      </Card>
    </Center>
  );
}
