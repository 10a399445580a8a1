import { FILTER_OPS, type FilterOp, fieldOf, OPS_OF_KIND } from '@carillon/core/audience/filter';
import { Autocomplete, Button, Group, SegmentedControl, Select, Stack, TextInput } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { call } from '../../api/call.ts';
import { useHere } from '../../api/session.tsx';
import { OP_WORDS } from '../words.tsx';

export interface ConditionValue {
  field: string;
  op: string;
  value: string;
}

export interface ConditionList {
  group: 'all' | 'any';
  conditions: ConditionValue[];
}

const FIELDS = ['id', 'locale', 'time_zone', 'email', 'phone', 'push', 'created_at'];
const WITHOUT_VALUE = ['exists', 'not_exists'];
const LISTS = ['in', 'not_in'];

/** A flat list of conditions; null for a filter that cannot be shown as one. */
export function listOf(filter: unknown): ConditionList | null {
  const given = filter as Record<string, unknown>;
  const group = 'any' in given ? 'any' : 'all';
  const members = 'all' in given || 'any' in given ? given[group] : [given];
  if (!Array.isArray(members)) return null;
  const conditions = members.map((member: Record<string, unknown>) =>
    typeof member['field'] === 'string' && typeof member['op'] === 'string'
      ? { field: member['field'], op: member['op'], value: textOf(member['value']) }
      : null,
  );
  return conditions.some((each) => each === null)
    ? null
    : { group, conditions: conditions as ConditionValue[] };
}

function textOf(value: unknown): string {
  if (value === undefined) return '';
  return Array.isArray(value) ? value.join(', ') : String(value);
}

/** The filter of a list. Of attributes, `true`, `false` and numbers are meant as such. */
export function filterOf({ group, conditions }: ConditionList): Record<string, unknown> {
  const members = conditions.map(({ field, op, value }) => {
    if (WITHOUT_VALUE.includes(op)) return { field, op };
    const read = (text: string) => readValue(field, op, text.trim());
    return { field, op, value: LISTS.includes(op) ? value.split(',').map(read) : read(value) };
  });
  return { [group]: members };
}

function readValue(field: string, op: string, text: string): string | number | boolean {
  if (op === 'within_days') return Number(text);
  const kind = fieldOf(field)?.kind;
  if (kind === 'category') return text === 'true';
  if (kind !== 'attribute' || op === 'contains' || op === 'starts_with') return text;
  if (text === 'true' || text === 'false') return text === 'true';
  return /^-?\d+(\.\d+)?$/.test(text) ? Number(text) : text;
}

/** Whom a filter selects, as lines of field, comparison and value. */
export function Conditions({
  value,
  onChange,
}: {
  value: ConditionList;
  onChange(next: ConditionList): void;
}) {
  const { tenant } = useHere();
  const attributes = useQuery({
    queryKey: [tenant.app, tenant.environment, 'recipient-attributes'],
    queryFn: ({ signal }) => call('listRecipientAttributes', {}, { signal }),
    retry: false,
    staleTime: 60_000,
  });
  const known = attributes.data?.data ?? [];
  const fields = [...known.map(({ field }) => field), ...FIELDS];
  const set = (index: number, change: Partial<ConditionValue>) =>
    onChange({
      ...value,
      conditions: value.conditions.map((each, n) => (n === index ? { ...each, ...change } : each)),
    });
  return (
    <Stack gap="sm">
      <SegmentedControl
        aria-label="How the conditions go together"
        data={[
          { value: 'all', label: 'All of these hold' },
          { value: 'any', label: 'One of these holds' },
        ]}
        value={value.group}
        onChange={(group) => onChange({ ...value, group: group as 'all' | 'any' })}
        style={{ alignSelf: 'start' }}
      />
      {value.conditions.map(({ field, op, value: text }, index) => {
        const ops = opsOf(field);
        return (
          // biome-ignore lint/suspicious/noArrayIndexKey: rows have no other identity
          <Group key={index} align="end" gap="xs">
            <Autocomplete
              label={`Field ${index + 1}`}
              placeholder="attributes.plan"
              data={fields}
              value={field}
              onChange={(next) => {
                const allowed = opsOf(next);
                set(index, {
                  field: next,
                  op: allowed.includes(op as FilterOp) ? op : (allowed[0] ?? 'eq'),
                });
              }}
              style={{ flex: '1 1 11rem' }}
            />
            <Select
              label={`Comparison ${index + 1}`}
              data={ops.map((each) => ({ value: each, label: OP_WORDS[each] ?? each }))}
              value={op}
              allowDeselect={false}
              onChange={(next) => set(index, { op: next ?? 'eq' })}
              w={150}
            />
            {!WITHOUT_VALUE.includes(op) && (
              <ValueInput
                label={`Value ${index + 1}`}
                hint={LISTS.includes(op) ? 'pro, free' : undefined}
                options={known.find((each) => each.field === field)?.values.map(String) ?? []}
                value={text}
                onChange={(next) => set(index, { value: next })}
              />
            )}
            <Button
              variant="subtle"
              aria-label={`Remove condition ${index + 1}`}
              onClick={() =>
                onChange({ ...value, conditions: value.conditions.filter((_, n) => n !== index) })
              }
            >
              Remove
            </Button>
          </Group>
        );
      })}
      <div>
        <Button
          variant="default"
          onClick={() =>
            onChange({
              ...value,
              conditions: [...value.conditions, { field: '', op: 'eq', value: '' }],
            })
          }
        >
          Add a condition
        </Button>
      </div>
    </Stack>
  );
}

function opsOf(field: string): readonly FilterOp[] {
  const kind = fieldOf(field)?.kind;
  return kind === undefined ? FILTER_OPS : OPS_OF_KIND[kind];
}

function ValueInput({
  label,
  hint,
  options,
  value,
  onChange,
}: {
  label: string;
  hint: string | undefined;
  options: readonly string[];
  value: string;
  onChange(next: string): void;
}) {
  const style = { flex: '1 1 9rem' };
  return options.length === 0 ? (
    <TextInput
      label={label}
      placeholder={hint}
      value={value}
      onChange={(event) => onChange(event.currentTarget.value)}
      style={style}
    />
  ) : (
    <Autocomplete
      label={label}
      placeholder={hint}
      data={[...new Set(options)]}
      value={value}
      onChange={onChange}
      style={style}
    />
  );
}
