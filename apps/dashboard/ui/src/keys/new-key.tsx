import { Alert, Button, Stack, Text } from '@mantine/core';
import { CodeBlock } from '../elements/copy.tsx';

/** A key that was just made. Its text is nowhere else. */
export function NewKey({ made, onClose }: { made: { key: string; name: string }; onClose(): void }) {
  return (
    <Alert variant="outline" color="yellow" title={`The key of ${made.name}, shown this once`} role="status">
      <Stack gap="sm">
        <Text size="sm">Copy it now. It cannot be shown again, only replaced.</Text>
        <CodeBlock text={made.key} label="the key" />
        <div>
          <Button variant="default" size="xs" onClick={onClose}>
            I have it
          </Button>
        </div>
      </Stack>
    </Alert>
  );
}
