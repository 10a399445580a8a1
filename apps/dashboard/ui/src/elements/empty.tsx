import { Stack, Text, Title } from '@mantine/core';
import type { ReactNode } from 'react';
import { CodeBlock } from './copy.tsx';

/** What is shown in the place of an empty list, with the request that fills it. */
export function Empty({ title, children, curl }: { title: string; children?: ReactNode; curl?: string }) {
  return (
    <Stack py="xl" gap="sm" maw="44rem">
      <Title order={2}>{title}</Title>
      {children !== undefined && <Text component="div">{children}</Text>}
      {curl !== undefined && <CodeBlock text={curl} label="the command" />}
    </Stack>
  );
}

/**
 * The curl that does something by the public API.
 *
 * @param body as JSON; left out for a GET.
 */
export function curlOf(method: string, path: string, body?: unknown): string {
  const lines = [
    `curl -X ${method} "$CARILLON_URL${path}"`,
    '  -H "Authorization: Bearer $CARILLON_API_KEY"',
    ...(body === undefined
      ? []
      : ['  -H "Content-Type: application/json"', `  -d '${JSON.stringify(body).replaceAll("'", "'\\''")}'`]),
  ];
  return lines.join(' \\\n');
}
