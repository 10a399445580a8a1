import { Alert, Button, Card, Center, Modal, PasswordInput, Stack, TextInput, Title } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { detailOf, own } from '../api/call.ts';
import { SESSION_KEY } from '../api/session.tsx';

/**
 * Signs a person in: password, then a second factor where there is one; or an OpenID provider.
 *
 * @param again the session was lost: the form lies over the page.
 */
export function SignIn({ again = false, email = '' }: { again?: boolean; email?: string }) {
  const form = <SignInForm email={email} />;
  if (again)
    return (
      <Modal
        opened
        onClose={() => {}}
        withCloseButton={false}
        title="Your session has ended"
        closeOnEscape={false}
      >
        {form}
      </Modal>
    );
  return (
    <Center mih="80vh" p="md" component="main">
      <Card withBorder w="100%" maw={400} p="xl">
        <Title order={1} mb="lg">
          Sign in to Carillon
        </Title>
        {form}
      </Card>
    </Center>
  );
}

type Step = 'password' | 'code' | 'recovery' | 'forgotten' | 'sent';

function SignInForm({ email }: { email: string }) {
  const queries = useQueryClient();
  const [step, setStep] = useState<Step>('password');
  const [problem, setProblem] = useState('');
  const [busy, setBusy] = useState(false);
  const providers = useQuery({
    queryKey: ['providers'],
    queryFn: () => own<{ oidc: boolean }>('GET', '/auth/providers'),
    staleTime: Number.POSITIVE_INFINITY,
  });
  const form = useForm({ mode: 'uncontrolled', initialValues: { email, password: '', code: '' } });

  const attempt = async (work: () => Promise<void>) => {
    setBusy(true);
    setProblem('');
    try {
      await work();
    } catch (error) {
      setProblem(detailOf(error));
    } finally {
      setBusy(false);
    }
  };
  const done = async () => {
    await queries.invalidateQueries({ queryKey: SESSION_KEY });
    await queries.invalidateQueries();
  };
  const submit = form.onSubmit(({ email: address, password, code }) =>
    attempt(async () => {
      if (step === 'password') {
        const body = { email: address.trim(), password };
        const answer = await own<{ twoFactorRedirect?: boolean }>('POST', '/auth/sign-in/email', body);
        if (answer?.twoFactorRedirect) setStep('code');
        else await done();
      } else if (step === 'forgotten') {
        await own('POST', '/auth/request-password-reset', { email: address.trim() });
        setStep('sent');
      } else {
        const kind = step === 'code' ? 'verify-totp' : 'verify-backup-code';
        await own('POST', `/auth/two-factor/${kind}`, { code: code.replaceAll(' ', '') });
        await done();
      }
    }),
  );
  const withProvider = () =>
    attempt(async () => {
      const callbackURL = window.location.pathname + window.location.search;
      const body = { provider: 'oidc', callbackURL };
      const { url } = await own<{ url: string }>('POST', '/auth/sign-in/social', body);
      window.location.assign(url);
    });

  if (step === 'sent')
    return (
      <Stack>
        <Alert title="Look into your mailbox">
          If there is an account with this address, a link is on its way. Where no e-mail account is set up,
          the person who runs the system gets one by "carillon-admin staff reset".
        </Alert>
        <Button variant="default" onClick={() => setStep('password')}>
          Back
        </Button>
      </Stack>
    );
  return (
    <form onSubmit={submit}>
      <Stack>
        {problem !== '' && (
          <Alert color="red" role="alert" variant="outline">
            {problem}
          </Alert>
        )}
        {(step === 'password' || step === 'forgotten') && (
          <TextInput
            label="E-mail address"
            type="email"
            autoComplete="username"
            required
            data-autofocus
            {...form.getInputProps('email')}
          />
        )}
        {step === 'password' && (
          <PasswordInput
            label="Password"
            autoComplete="current-password"
            required
            visibilityToggleButtonProps={{ 'aria-label': 'Show the password' }}
            {...form.getInputProps('password')}
          />
        )}
        {(step === 'code' || step === 'recovery') && (
          <TextInput
            label={step === 'code' ? 'Code of your authenticator app' : 'Recovery code'}
            autoComplete="one-time-code"
            inputMode={step === 'code' ? 'numeric' : 'text'}
            required
            autoFocus
            {...form.getInputProps('code')}
          />
        )}
        <Button type="submit" loading={busy}>
          {step === 'forgotten' ? 'Send a link' : 'Sign in'}
        </Button>
        {step === 'password' && providers.data?.oidc && (
          <Button variant="default" onClick={withProvider}>
            Sign in by your organisation
          </Button>
        )}
        {step === 'password' && (
          <Button variant="subtle" color="gray" onClick={() => setStep('forgotten')}>
            Forgotten the password?
          </Button>
        )}
        {step === 'code' && (
          <Button variant="subtle" color="gray" onClick={() => setStep('recovery')}>
            Use a recovery code
          </Button>
        )}
      </Stack>
    </form>
  );
}
