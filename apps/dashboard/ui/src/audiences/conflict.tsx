import { Alert, Button, Group, Stack, Text } from '@mantine/core';
import { Facts } from '../elements/facts.tsx';
import { Time } from '../elements/time.tsx';
import type { Read, Wanted } from './read-audience.ts';
import { isSameFilter } from './same-filter.ts';
import { filterWords } from './words.ts';

/** Somebody else saved the audience meanwhile: shows both, and overwrites nothing by itself. */
export function AudienceConflict({
  base,
  mine,
  theirs,
  busy,
  onTakeTheirs,
  onSave,
}: {
  base: Read | null;
  mine: Wanted;
  theirs: Read;
  busy: boolean;
  onTakeTheirs(): void;
  onSave(wanted: Wanted): void;
}) {
  const { audience } = theirs;
  const theirFilter = audience.filter ?? {};
  const before = base?.audience ?? null;
  const isMine = {
    name: mine.name !== before?.name,
    filter: !isSameFilter(mine.filter, before?.filter),
  };
  const isTheirs = {
    name: audience.name !== before?.name,
    filter: !isSameFilter(audience.filter, before?.filter),
  };
  const isBoth =
    audience.kind === 'list' || (isMine.name && isTheirs.name) || (isMine.filter && isTheirs.filter);
  const together: Wanted = {
    name: isMine.name ? mine.name : audience.name,
    filter: isMine.filter ? mine.filter : theirFilter,
  };
  return (
    <Alert
      color="red"
      variant="outline"
      role="alert"
      title={`${audience.updated_by} ${base === null ? 'made an audience with this key' : 'changed this audience'} meanwhile`}
    >
      <Stack gap="sm">
        <Text size="sm">
          Nothing was overwritten. <Time at={audience.updated_at} />{' '}
          {isBoth ? 'Both changed the same: choose.' : 'Both changes fit together.'}
        </Text>
        <Facts
          facts={[
            ['Name there', audience.name],
            ['Filter there', audience.kind === 'list' ? 'it is a list now' : filterWords(theirFilter)],
            isMine.name ? ['Mine: name', mine.name] : null,
            isMine.filter ? ['Mine: filter', filterWords(mine.filter)] : null,
          ]}
        />
        <Group>
          <Button onClick={() => onSave(together)} loading={busy}>
            {isBoth ? 'Save mine in its place' : 'Save both together'}
          </Button>
          <Button variant="default" onClick={onTakeTheirs}>
            Drop mine, go on with theirs
          </Button>
        </Group>
      </Stack>
    </Alert>
  );
}
