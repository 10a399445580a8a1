import { Anchor, Stack, Text, Title } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { ProblemAlert } from '../elements/problem.tsx';

export function NotFound() {
  return (
    <Stack>
      <Title order={1}>No such page</Title>
      <Text>The address leads nowhere.</Text>
      <Anchor component={Link} to="/">
        To the start
      </Anchor>
    </Stack>
  );
}

/** A page that failed to draw. The frame stays, so that the others are still reached. */
export function PageError({ error }: { error: unknown }) {
  return (
    <Stack p="md">
      <Title order={1}>This page failed</Title>
      <ProblemAlert error={error} retry={() => window.location.reload()} />
    </Stack>
  );
}
