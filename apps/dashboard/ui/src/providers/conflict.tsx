import { Alert, Button, Group, Stack, Table, Text } from '@mantine/core';

type Values = Readonly<Record<string, unknown>>;

/**
 * What two people made of one thing: the field as it was when the form was opened, as it is now, and as it is in the
 * form. Nothing was written; the person decides what to go on with.
 *
 * @param take called with the values to go on with, on top of what is there now.
 */
export function Conflict<Fields extends Values>({
  was,
  now,
  mine,
  labels,
  take,
}: {
  was: Fields;
  now: Fields;
  mine: Fields;
  labels: Readonly<Record<string, string>>;
  take(values: Fields): void;
}) {
  const names = Object.keys({ ...was, ...now, ...mine }).filter(
    (name) => !equal(was[name], now[name]) || !equal(was[name], mine[name]),
  );
  const changedByMe = names.filter((name) => !equal(was[name], mine[name]));
  const together = { ...now, ...Object.fromEntries(changedByMe.map((name) => [name, mine[name]])) } as Fields;
  return (
    <Alert color="yellow" variant="outline" role="alert" title="Somebody else changed this meanwhile">
      <Stack gap="sm">
        <Text size="sm">Nothing of yours is saved yet, and nothing of theirs is lost.</Text>
        <Table.ScrollContainer minWidth={360} type="native">
          <Table aria-label="The difference" withTableBorder>
            <Table.Thead>
              <Table.Tr>
                <Table.Th>Field</Table.Th>
                <Table.Th>It was</Table.Th>
                <Table.Th>It is now</Table.Th>
                <Table.Th>Yours</Table.Th>
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {names.map((name) => (
                <Table.Tr key={name}>
                  <Table.Th scope="row">{labels[name] ?? name}</Table.Th>
                  <Table.Td>{shown(was[name])}</Table.Td>
                  <Table.Td>
                    {equal(was[name], now[name]) ? shown(now[name]) : <strong>{shown(now[name])}</strong>}
                  </Table.Td>
                  <Table.Td>
                    {equal(was[name], mine[name]) ? shown(mine[name]) : <strong>{shown(mine[name])}</strong>}
                  </Table.Td>
                </Table.Tr>
              ))}
            </Table.Tbody>
          </Table>
        </Table.ScrollContainer>
        <Group gap="xs">
          <Button size="xs" onClick={() => take(together)}>
            Put both together
          </Button>
          <Button size="xs" variant="default" onClick={() => take(now)}>
            Take what is there now
          </Button>
        </Group>
        <Text size="xs" className="dim">
          Where both changed a field, yours stands in the form. Look at it, then save.
        </Text>
      </Stack>
    </Alert>
  );
}

const equal = (one: unknown, other: unknown): boolean => text(one) === text(other);
const text = (value: unknown): string => JSON.stringify(value ?? '');

function shown(value: unknown): string {
  if (value === undefined || value === null || value === '') return 'none';
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}
