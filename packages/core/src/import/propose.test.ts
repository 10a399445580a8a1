import fc from 'fast-check';
import { expect, test } from 'vitest';
import { readColumns } from './columns.ts';
import { mapOf, proposeFields } from './propose.ts';

test.each([
  ['Kunde', 'id'],
  ['Customer ID', 'id'],
  ['recipient_id', 'recipient_id'],
  ['E-Mail', 'email'],
  ['E-mail address', 'email'],
  ['Mobile number', 'phone'],
  ['Language', 'locale'],
  ['TimeZone', 'time_zone'],
  ['attributes.plan', 'attributes.plan'],
  ['preferences.news', 'preferences.news'],
  ['Customer since', 'attributes.customer_since'],
  ['Größe', 'attributes.größe'],
  ['', ''],
])('a column %j becomes %s', (name, field) => {
  const [proposed] = proposeFields([name], [['x']]);
  expect(proposed).toBe(field === 'recipient_id' ? 'id' : field);
});

test('a column whose name says nothing is known by its cells', () => {
  const names = ['a', 'b', 'c', 'd'];
  const rows = [
    ['ada@example.com', '+49 151 23456789', 'Europe/Berlin', 'x'],
    ['', "'+4915123456789", 'America/New_York', 'ada@example.com'],
  ];
  expect(proposeFields(names, rows)).toEqual(['email', 'phone', 'time_zone', 'attributes.d']);
});

test('a category of the app is a preference where its cells say true or false', () => {
  const propose = (cell: string) => proposeFields(['News'], [[cell]], ['news'])[0];
  expect(propose('TRUE')).toBe('preferences.news');
  expect(propose('yes')).toBe('attributes.news');
  expect(propose('')).toBe('attributes.news');
});

test('what is named exactly so takes the field before what looks like it', () => {
  expect(proposeFields(['Mail', 'email'], [['a@example.com', 'b@example.com']])).toEqual([
    'attributes.mail',
    'email',
  ]);
});

test('only what differs from the names of the file is sent', () => {
  expect(mapOf(['id', 'E-Mail', 'Note'], ['id', 'email', ''])).toEqual({ 'E-Mail': 'email', Note: '' });
});

test('a proposal gives no field twice, and is taken as it is where one column is the id', () => {
  const name = fc.oneof(
    fc.constantFrom('E-Mail', 'email', 'Mail', 'Kunde', 'id', 'toString', '', 'A b', 'a_b'),
    fc.string(),
  );
  fc.assert(
    fc.property(
      fc.uniqueArray(
        name.map((each) => each.trim()),
        { minLength: 1, maxLength: 8 },
      ),
      (names) => {
        const fields = proposeFields(names, []);
        const given = fields.filter((field) => field !== '');
        expect(new Set(given).size).toBe(given.length);
        const read = readColumns(names, mapOf(names, fields));
        if (fields.includes('id')) expect(read).toEqual({ columns: fields.map((field) => field || null) });
        else expect(read).toHaveProperty('errors');
      },
    ),
  );
});
