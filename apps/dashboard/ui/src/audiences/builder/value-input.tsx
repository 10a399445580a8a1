import { Autocomplete, Group, Select, TagsInput, TextInput } from '@mantine/core';
import type { ConditionNode, ValueType } from './form.ts';
import { useKnown } from './known.ts';
import { isListOp, valueTypesOf } from './value-types.ts';

interface Input {
  label: string;
  error: string | undefined;
}
const WIDE = { flex: '1 1 10rem' };

/** The value of a condition, by what its field and operator compare. */
export function ValueInput({
  node,
  label,
  error,
  onChange,
}: Input & { node: ConditionNode; onChange(change: Partial<ConditionNode>): void }) {
  const { attributes } = useKnown();
  const values = attributes.find(({ field }) => field === node.field)?.values ?? [];
  const type = node.type === 'number' ? 'number' : 'string';
  const options = [...new Set(values.filter((each) => typeof each === type).map(String))];
  const { text } = node;
  const set = (next: string) => onChange({ text: next });
  if (node.type === 'none') return null;
  if (isListOp(node.op))
    return (
      <TagsInput
        aria-label={label}
        placeholder={node.list.length === 0 ? 'One after another, with Enter' : ''}
        data={options}
        maxTags={1_000}
        value={node.list}
        onChange={(list) => onChange({ list })}
        error={error}
        style={{ flex: '1 1 14rem' }}
      />
    );
  if (node.type === 'yes_no') return <YesNo label={label} error={error} value={text} onChange={set} />;
  if (node.type === 'time') return <Moment label={label} error={error} value={text} onChange={set} />;
  if (node.type === 'days')
    return (
      <TextInput
        aria-label={label}
        inputMode="numeric"
        rightSection={<span className="dim">days</span>}
        rightSectionWidth={50}
        value={text}
        onChange={(event) => set(event.currentTarget.value.trim())}
        error={error}
        w={120}
      />
    );
  return (
    <Autocomplete
      aria-label={label}
      {...(node.type === 'number' && { inputMode: 'decimal' as const })}
      data={node.op === 'starts_with' || node.op === 'contains' ? [] : options}
      value={text}
      onChange={set}
      error={error}
      style={WIDE}
    />
  );
}

function YesNo({ label, error, value, onChange }: Input & { value: string; onChange(value: string): void }) {
  return (
    <Select
      aria-label={label}
      placeholder="Choose"
      data={[
        { value: 'true', label: 'yes' },
        { value: 'false', label: 'no' },
      ]}
      allowDeselect={false}
      value={value === '' ? null : value}
      onChange={(next) => onChange(next ?? '')}
      error={error}
      w={110}
    />
  );
}

const MOMENT = /^(\d{4}-\d\d-\d\d)(?:T(\d\d:\d\d(?::\d\d(?:\.\d+)?)?)Z)?$/;
const MIDNIGHT = /^00:00(:00(\.0+)?)?$/;

/** A date, and a time of that day in UTC where it matters. What has another form is shown as it is. */
function Moment({ label, error, value, onChange }: Input & { value: string; onChange(value: string): void }) {
  const [, date = '', time = ''] = MOMENT.exec(value) ?? [];
  if (value !== '' && date === '')
    return (
      <TextInput
        aria-label={label}
        value={value}
        onChange={(event) => onChange(event.currentTarget.value)}
        error={error}
        style={WIDE}
      />
    );
  const clock = MIDNIGHT.test(time) ? '' : time.slice(0, 8);
  const put = (day: string, at: string) => onChange(day === '' || at === '' ? day : `${day}T${at}Z`);
  return (
    <Group gap="xs" align="start" wrap="nowrap">
      <TextInput
        type="date"
        aria-label={label}
        value={date}
        onChange={(event) => put(event.currentTarget.value, clock)}
        error={error}
        w={150}
      />
      <TextInput
        type="time"
        aria-label={`${label}: time in UTC, may be left out`}
        title="Time in UTC; left out: the beginning of the day"
        value={clock}
        onChange={(event) => put(date, event.currentTarget.value)}
        disabled={date === ''}
        rightSection={<span className="dim">UTC</span>}
        rightSectionWidth={45}
        w={130}
      />
    </Group>
  );
}

const TYPE_WORDS: Readonly<Record<ValueType, string>> = {
  text: 'text',
  number: 'number',
  yes_no: 'yes or no',
  time: 'time',
  days: 'days',
  none: '',
};

/** What the value of an attribute is: a text, a number, or yes or no. Nothing where the operator says it. */
export function TypeSelect({
  node,
  label,
  onChange,
}: {
  node: ConditionNode;
  label: string;
  onChange(type: ValueType): void;
}) {
  const types = valueTypesOf(node.field, node.op);
  if (types.length < 2) return null;
  return (
    <Select
      aria-label={label}
      data={types.map((value) => ({ value, label: TYPE_WORDS[value] }))}
      allowDeselect={false}
      value={node.type}
      onChange={(next) => onChange(next as ValueType)}
      w={110}
    />
  );
}
