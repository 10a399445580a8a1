import { attributeName } from '@carillon/core/import/propose';
import { Autocomplete, Group, NativeSelect, Stack, Text, TextInput } from '@mantine/core';
import { type Column, RowsTable } from '../elements/data-table.tsx';

const CHOICES = [
  { value: '', label: 'Leave out' },
  { value: 'id', label: 'Id' },
  { value: 'email', label: 'E-mail' },
  { value: 'phone', label: 'Phone' },
  { value: 'locale', label: 'Locale' },
  { value: 'time_zone', label: 'Time zone' },
  { value: 'attributes.', label: 'Attribute' },
  { value: 'preferences.', label: 'Preference' },
  { value: 'attributes', label: 'All attributes (JSON)' },
];
const SHOWN_VALUES = 3;

interface FileColumn {
  at: number;
  name: string;
  values: readonly string[];
  field: string;
}

/** Which field each column of a CSV file becomes, beside its first values. */
export function ColumnFields({
  names,
  rows,
  fields,
  categories,
  change,
}: {
  names: readonly string[];
  rows: readonly (readonly string[])[];
  fields: readonly string[];
  categories: readonly string[];
  change(fields: readonly string[]): void;
}) {
  const set = (at: number, field: string) => change(fields.map((each, n) => (n === at ? field : each)));
  const columns: Column<FileColumn>[] = [
    {
      title: 'Column',
      cell: ({ name }) => (name === '' ? <span className="dim">without a name</span> : name),
    },
    { title: 'First values', cell: ({ values }) => <Values values={values} /> },
    {
      title: 'Becomes',
      cell: (column) => (
        <FieldChoice column={column} categories={categories} change={(field) => set(column.at, field)} />
      ),
    },
  ];
  return (
    <RowsTable
      label="Columns of the file"
      minWidth={560}
      columns={columns}
      rows={names.map((name, at) => ({
        at,
        name,
        values: rows.map((row) => row[at]!).filter((value) => value !== ''),
        field: fields[at]!,
      }))}
      rowKey={({ at }) => String(at)}
    />
  );
}

/** The members of NDJSON name their fields themselves. */
export function MemberValues({
  names,
  rows,
}: {
  names: readonly string[];
  rows: readonly (readonly string[])[];
}) {
  return (
    <RowsTable
      label="Fields of the file"
      columns={[
        { title: 'Field', cell: ({ name }) => <span className="mono">{name}</span> },
        { title: 'First values', cell: ({ values }) => <Values values={values} /> },
      ]}
      rows={names.map((name, at) => ({
        name,
        values: rows.map((row) => row[at]!).filter((value) => value !== ''),
      }))}
      rowKey={({ name }) => name}
    />
  );
}

function Values({ values }: { values: readonly string[] }) {
  if (values.length === 0) return <span className="dim">empty in the first rows</span>;
  return (
    <Stack gap={2}>
      {values.slice(0, SHOWN_VALUES).map((value, n) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: values may be equal, and their order is that of the file
        <Text key={n} size="sm" lineClamp={1} style={{ overflowWrap: 'anywhere' }}>
          {value}
        </Text>
      ))}
    </Stack>
  );
}

function FieldChoice({
  column: { name, field },
  categories,
  change,
}: {
  column: FileColumn;
  categories: readonly string[];
  change(field: string): void;
}) {
  const kind = ['attributes.', 'preferences.'].find((each) => field.startsWith(each)) ?? field;
  const rest = field.slice(kind.length);
  const column = name === '' ? 'the column without a name' : `the column ${name}`;
  const choose = (next: string) => {
    if (next === 'attributes.') change(`${next}${attributeName(name)}`);
    else if (next === 'preferences.') change(`${next}${categories[0] ?? attributeName(name)}`);
    else change(next);
  };
  return (
    <Group gap="xs" align="start">
      <NativeSelect
        aria-label={`What ${column} becomes`}
        data={CHOICES}
        value={kind}
        onChange={(event) => choose(event.currentTarget.value)}
        w={180}
      />
      {kind === 'attributes.' && (
        <TextInput
          aria-label={`Name of the attribute for ${column}`}
          value={rest}
          onChange={(event) => change(`${kind}${event.currentTarget.value}`)}
          error={rest.trim() === '' && 'Give it a name.'}
          maxLength={250}
          w={180}
        />
      )}
      {kind === 'preferences.' && (
        <Autocomplete
          aria-label={`Category for ${column}`}
          data={[...categories]}
          value={rest}
          onChange={(category) => change(`${kind}${category}`)}
          error={rest.trim() === '' && 'Give a category.'}
          maxLength={64}
          w={180}
        />
      )}
    </Group>
  );
}
