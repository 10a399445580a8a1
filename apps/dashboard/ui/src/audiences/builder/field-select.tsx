import { Select, TextInput } from '@mantine/core';
import { useState } from 'react';
import { useKnown } from './known.ts';

/** In place of a field: the condition is about another audience. */
export const AUDIENCE = '*audience';
/** In place of a field: the condition is about the people of a campaign. */
export const CAMPAIGN = '*campaign';
/** In place of a field: an attribute whose name is written. */
const OTHER = '*attribute';

const OF_RECIPIENTS: Readonly<Record<string, string>> = {
  email: 'E-mail address',
  phone: 'Phone number',
  push: 'Device for push',
  locale: 'Language',
  time_zone: 'Time zone',
  created_at: 'Registered at',
  id: 'Id',
};
const ATTRIBUTE = 'attributes.';
const CATEGORY = 'category.';

/** What a condition is about: a field that recipients have, an attribute also by its name, a category, an audience, a campaign. */
export function FieldSelect({
  label,
  field,
  focus,
  onChange,
  error,
}: {
  label: string;
  field: string;
  /** Takes the focus when it appears. */
  focus: boolean;
  onChange(field: string): void;
  error: string | undefined;
}) {
  const known = useKnown();
  const names = known.attributes.map(({ field: name }) => name);
  const [isWritten, setIsWritten] = useState(false);
  const isOther = field.startsWith(ATTRIBUTE) && (isWritten || (known.isRead && !names.includes(field)));
  const others = (list: readonly string[], prefix: string) =>
    field.startsWith(prefix) && !isOther && !list.includes(field) ? [...list, field] : list;
  const categories = others(
    known.categories.map((name) => `${CATEGORY}${name}`),
    CATEGORY,
  );
  const data = [
    {
      group: 'Recipient',
      items: Object.entries(OF_RECIPIENTS).map(([value, text]) => ({ value, label: text })),
    },
    {
      group: 'Attributes',
      items: [
        ...others(names, ATTRIBUTE).map((value) => ({ value, label: value.slice(ATTRIBUTE.length) })),
        { value: OTHER, label: 'Another attribute' },
      ],
    },
    {
      group: 'Wants the category',
      items: categories.map((value) => ({ value, label: `Wants ${value.slice(CATEGORY.length)}` })),
    },
    {
      group: 'Audiences and campaigns',
      items: [
        { value: AUDIENCE, label: 'Another audience' },
        { value: CAMPAIGN, label: 'People of a campaign' },
      ],
    },
  ].filter(({ items }) => items.length > 0);
  return (
    <>
      <Select
        aria-label={label}
        placeholder="Choose a field"
        data={data}
        searchable
        nothingFoundMessage="Choose “Another attribute” and write its name"
        allowDeselect={false}
        value={isOther ? OTHER : field === '' ? null : field}
        onChange={(next) => {
          if (next === null) return;
          setIsWritten(next === OTHER);
          onChange(next === OTHER ? ATTRIBUTE : next);
        }}
        data-autofocus={focus || undefined}
        autoFocus={focus}
        error={!isOther && error}
        style={{ flex: '1 1 12rem' }}
      />
      {isOther && (
        <TextInput
          aria-label={label.replace('Field', 'Name')}
          placeholder="plan, address.city"
          value={field.slice(ATTRIBUTE.length)}
          onChange={(event) => onChange(`${ATTRIBUTE}${event.currentTarget.value}`)}
          error={error}
          style={{ flex: '1 1 9rem' }}
        />
      )}
    </>
  );
}
