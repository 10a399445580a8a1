import { Autocomplete, Button, Group, Stack, Text, TextInput } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { type ReactNode, useState } from 'react';
import { call } from '../../api/call.ts';
import { useHere } from '../../api/session.tsx';

const OF_ALL = ['id', 'locale', 'time_zone'];

/** Which field of a recipient each template variable is. Those that the texts need stand first, and cannot be removed. */
export function VariableFields({
  required,
  variables,
  shared,
  onChange,
  errors,
}: {
  required: readonly string[];
  variables: Readonly<Record<string, string>>;
  shared: Readonly<Record<string, unknown>>;
  onChange(variables: Record<string, string>): void;
  errors: Readonly<Record<string, ReactNode>>;
}) {
  const { tenant } = useHere();
  const [added, setAdded] = useState('');
  const attributes = useQuery({
    queryKey: [tenant.app, tenant.environment, 'recipient-attributes'],
    queryFn: ({ signal }) => call('listRecipientAttributes', {}, { signal }),
    retry: false,
    staleTime: 60_000,
  });
  const fields = [...(attributes.data?.data.map(({ field }) => field) ?? []), ...OF_ALL];
  const names = [...required, ...Object.keys(variables).filter((name) => !required.includes(name))];
  const add = () => {
    const name = added.trim();
    if (name !== '' && !names.includes(name)) onChange({ ...variables, [name]: `attributes.${name}` });
    setAdded('');
  };
  return (
    <Stack gap="sm">
      {names.length === 0 && (
        <Text size="sm" className="dim">
          The texts print no variable.
        </Text>
      )}
      {names.map((name) => (
        <Group key={name} align="end" gap="sm">
          <Autocomplete
            label={
              <>
                <span className="mono">{name}</span> is the recipient's
              </>
            }
            placeholder="attributes.first_name"
            data={fields}
            value={variables[name] ?? ''}
            onChange={(field) => onChange({ ...variables, [name]: field })}
            description={noteOf(name, variables[name] ?? '', shared, required.includes(name))}
            error={errors[`variables.${name}`]}
            style={{ flex: '1 1 16rem' }}
          />
          {!required.includes(name) && (
            <Button
              variant="subtle"
              aria-label={`Remove ${name}`}
              onClick={() => {
                const { [name]: _, ...rest } = variables;
                onChange(rest);
              }}
            >
              Remove
            </Button>
          )}
        </Group>
      ))}
      <Group align="end" gap="sm">
        <TextInput
          label="Another variable"
          placeholder="first_name"
          value={added}
          onChange={(event) => setAdded(event.currentTarget.value)}
          onKeyDown={(event) => {
            if (event.key !== 'Enter') return;
            event.preventDefault();
            add();
          }}
        />
        <Button variant="default" onClick={add} disabled={added.trim() === ''}>
          Add
        </Button>
      </Group>
    </Stack>
  );
}

function noteOf(
  name: string,
  field: string,
  shared: Readonly<Record<string, unknown>>,
  isRequired: boolean,
): string | undefined {
  const isShared = name.split('.')[0]! in shared;
  if (field.trim() !== '')
    return isShared ? 'Who does not have it gets what is the same for everybody.' : undefined;
  if (isShared) return 'The same for everybody, see below.';
  return isRequired ? 'The texts need it: choose a field, or give it below for everybody.' : undefined;
}
