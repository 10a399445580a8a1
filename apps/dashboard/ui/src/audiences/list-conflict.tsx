import { Alert, Button, Group, Stack, Text } from '@mantine/core';
import { Time } from '../elements/time.tsx';
import type { Read } from './read-audience.ts';

/** Somebody else saved the list, or made a filter of it, while its name was written. */
export function ListConflict({
  mine,
  theirs: { audience },
  busy,
  onTakeTheirs,
  onSave,
}: {
  mine: string;
  theirs: Read;
  busy: boolean;
  onTakeTheirs(): void;
  onSave(): void;
}) {
  return (
    <Alert
      color="red"
      variant="outline"
      role="alert"
      title={`${audience.updated_by} changed this audience meanwhile`}
    >
      <Stack gap="sm">
        <Text size="sm">
          Nothing was overwritten. <Time at={audience.updated_at} />{' '}
          {audience.kind === 'filter' ? 'It is a filter now.' : `It is called “${audience.name}” now.`}
        </Text>
        <Group>
          {audience.kind === 'list' && (
            <Button onClick={onSave} loading={busy}>
              Call it “{mine}”
            </Button>
          )}
          <Button variant="default" onClick={onTakeTheirs}>
            Drop mine, go on with theirs
          </Button>
        </Group>
      </Stack>
    </Alert>
  );
}
