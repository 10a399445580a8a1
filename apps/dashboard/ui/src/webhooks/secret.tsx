import { Alert, Text } from '@mantine/core';
import { CodeBlock } from '../elements/copy.tsx';

/** A signing secret, shown this once. */
export function SecretOnce({ secret }: { secret: string }) {
  return (
    <Alert color="yellow" variant="outline" role="status" title="Copy the signing secret now">
      <Text size="sm" mb="xs">
        It is not shown again. Receivers check every event with it.
      </Text>
      <CodeBlock text={secret} label="the secret" />
    </Alert>
  );
}
