import type { ProviderField } from '@carillon/client/api-types';
import { Checkbox, Group, PasswordInput, Select, Textarea, TextInput } from '@mantine/core';
import type { FieldValues } from './fields.ts';

/** One field of an account, as its description says. */
export function FieldInput({
  field,
  isRequired,
  value,
  error,
  onChange,
}: {
  field: ProviderField;
  isRequired: boolean;
  value: FieldValues[string];
  error: string | undefined;
  onChange(value: FieldValues[string]): void;
}) {
  const { label, type, secret, multiline, options, default: otherwise } = field;
  const common = {
    label,
    description: describe(field),
    required: isRequired,
    error,
    autoComplete: 'off',
    name: field.name,
  };
  const text = Array.isArray(value) ? value.join('\n') : value;
  if (type === 'choices')
    return (
      <Checkbox.Group {...common} value={value as string[]} onChange={onChange}>
        <Group gap="lg" mt={6}>
          {options?.map((option) => (
            <Checkbox key={option} value={option} label={option} />
          ))}
        </Group>
      </Checkbox.Group>
    );
  if (type === 'choice' || type === 'boolean')
    return (
      <Select
        {...common}
        data={type === 'boolean' ? YES_OR_NO : (options ?? [])}
        value={text === '' ? null : text}
        clearable={!isRequired}
        placeholder={otherwise === null ? 'as usual' : `as usual (${inWords(otherwise)})`}
        onChange={(next) => onChange(next ?? '')}
      />
    );
  if (type === 'texts' || multiline)
    return (
      <Textarea
        {...common}
        className={multiline ? 'mono' : undefined}
        rows={multiline ? 6 : 3}
        spellCheck={false}
        value={text}
        onChange={({ currentTarget }) =>
          onChange(type === 'texts' ? currentTarget.value.split('\n') : currentTarget.value)
        }
      />
    );
  if (secret)
    return (
      <PasswordInput
        {...common}
        autoComplete="new-password"
        visibilityToggleButtonProps={{ 'aria-label': `Show ${label}` }}
        value={text}
        onChange={({ currentTarget }) => onChange(currentTarget.value)}
      />
    );
  return (
    <TextInput
      {...common}
      inputMode={type === 'integer' ? 'numeric' : type === 'number' ? 'decimal' : undefined}
      placeholder={otherwise === null ? undefined : inWords(otherwise)}
      value={text}
      onChange={({ currentTarget }) => onChange(currentTarget.value)}
    />
  );
}

const YES_OR_NO = [
  { value: 'true', label: 'Yes' },
  { value: 'false', label: 'No' },
];

const inWords = (value: string | number | boolean): string =>
  typeof value === 'boolean' ? (value ? 'yes' : 'no') : String(value);

/** The help text, with the bounds where it has some. */
function describe({ help, minimum, maximum, type }: ProviderField): string {
  const bounds =
    minimum !== null && maximum !== null
      ? `From ${minimum} to ${maximum}.`
      : maximum !== null
        ? `At most ${maximum}.`
        : minimum !== null && minimum !== 0
          ? `At least ${minimum}.`
          : '';
  return [help, bounds, type === 'texts' ? 'One a line.' : ''].filter(Boolean).join(' ');
}
