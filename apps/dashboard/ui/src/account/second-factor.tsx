import { Alert, Button, Code, Group, PasswordInput, SimpleGrid, Stack, Text, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { notifications } from '@mantine/notifications';
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { detailOf, own } from '../api/call.ts';
import { SESSION_KEY, useHere } from '../api/session.tsx';
import { Copyable } from '../elements/copy.tsx';

interface Enrolment {
  totpURI: string;
  backupCodes: string[];
}

/** Codes of an authenticator app (RFC 6238), with recovery codes for a lost device. */
export function SecondFactor() {
  const { session } = useHere();
  const [enrolment, setEnrolment] = useState<Enrolment | null>(null);
  if (enrolment !== null) return <Enrol enrolment={enrolment} done={() => setEnrolment(null)} />;
  return (
    <Stack gap="xs">
      <Text size="sm">
        {session.staff.two_factor
          ? 'Signing in asks for a code of your authenticator app.'
          : 'Nothing but the password protects this account. Add an authenticator app.'}
      </Text>
      <WithPassword isOn={session.staff.two_factor} onEnrol={setEnrolment} />
    </Stack>
  );
}

function WithPassword({ isOn, onEnrol }: { isOn: boolean; onEnrol(enrolment: Enrolment): void }) {
  const queries = useQueryClient();
  const form = useForm({ mode: 'uncontrolled', initialValues: { password: '' } });
  const submit = form.onSubmit(async ({ password }) => {
    try {
      if (isOn) {
        await own('POST', '/auth/two-factor/disable', { password });
        await queries.invalidateQueries({ queryKey: SESSION_KEY });
        notifications.show({ message: 'The second factor is removed.' });
      } else onEnrol(await own<Enrolment>('POST', '/auth/two-factor/enable', { password }));
    } catch (error) {
      form.setFieldError('password', detailOf(error));
    }
  });
  return (
    <form onSubmit={submit}>
      <Group align="end" gap="sm">
        <PasswordInput
          label="Your password, to confirm"
          autoComplete="current-password"
          required
          w={280}
          visibilityToggleButtonProps={{ 'aria-label': 'Show the password' }}
          {...form.getInputProps('password')}
        />
        <Button type="submit" variant="default" loading={form.submitting}>
          {isOn ? 'Remove the second factor' : 'Add an authenticator app'}
        </Button>
      </Group>
    </form>
  );
}

function Enrol({ enrolment, done }: { enrolment: Enrolment; done(): void }) {
  const queries = useQueryClient();
  const form = useForm({ mode: 'uncontrolled', initialValues: { code: '' } });
  const secret = new URL(enrolment.totpURI).searchParams.get('secret') ?? '';
  const submit = form.onSubmit(async ({ code }) => {
    try {
      await own('POST', '/auth/two-factor/verify-totp', { code: code.replaceAll(' ', '') });
      await queries.invalidateQueries({ queryKey: SESSION_KEY });
      notifications.show({ message: 'From now on signing in asks for a code.' });
      done();
    } catch (error) {
      form.setFieldError('code', detailOf(error));
    }
  });
  return (
    <form onSubmit={submit}>
      <Stack gap="sm">
        <Text size="sm">
          1. Enter this key into the authenticator app (or open <a href={enrolment.totpURI}>this link</a> on
          the device that has it):
        </Text>
        <Copyable text={secret} label="the key" />
        <Alert
          title="2. Keep these recovery codes. Each works once, and they are not shown again."
          variant="outline"
        >
          <SimpleGrid cols={2} spacing={4} mt="xs">
            {enrolment.backupCodes.map((code) => (
              <Code key={code}>{code}</Code>
            ))}
          </SimpleGrid>
        </Alert>
        <TextInput
          label="3. The code that the app shows now"
          inputMode="numeric"
          autoComplete="one-time-code"
          required
          w={280}
          {...form.getInputProps('code')}
        />
        <div>
          <Button type="submit" loading={form.submitting}>
            Turn it on
          </Button>
        </div>
      </Stack>
    </form>
  );
}
