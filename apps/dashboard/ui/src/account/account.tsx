import { Stack, Title } from '@mantine/core';
import { useHere } from '../api/session.tsx';
import { Facts } from '../elements/facts.tsx';
import { PageFrame } from '../elements/page.tsx';
import { ZONE } from '../elements/time.tsx';
import { PasswordForm } from './password-form.tsx';
import { SecondFactor } from './second-factor.tsx';
import { Sessions } from './sessions.tsx';

export default function Account() {
  const { session } = useHere();
  const { email, name, roles } = session.staff;
  return (
    <PageFrame title="Your account">
      <Facts
        facts={[
          ['E-mail address', email],
          name === '' ? null : ['Name', name],
          ['Roles', [...new Set(roles)].join(', ')],
          ['Time zone of all times', ZONE],
        ]}
      />
      <Stack gap="lg" maw="40rem">
        <section>
          <Title order={2} mb="xs">
            Second factor
          </Title>
          <SecondFactor />
        </section>
        <section>
          <Title order={2} mb="xs">
            Password
          </Title>
          <PasswordForm />
        </section>
      </Stack>
      <section>
        <Title order={2} mb="xs">
          Sessions
        </Title>
        <Sessions />
      </section>
    </PageFrame>
  );
}
