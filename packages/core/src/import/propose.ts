import { fieldNamed } from './columns.ts';

/** Names of columns, as people and exports of other systems write them, in lower case without anything but letters. */
const NAMES: Readonly<Record<string, readonly string[]>> = {
  id: [
    'id',
    'recipientid',
    'userid',
    'customerid',
    'customer',
    'contactid',
    'externalid',
    'uuid',
    'subscriberkey',
    'kundennummer',
    'kunde',
    'kundenid',
  ],
  email: ['email', 'emailaddress', 'mail', 'mailaddress', 'emailadresse', 'mailadresse'],
  phone: [
    'phone',
    'phonenumber',
    'mobile',
    'mobilephone',
    'mobilenumber',
    'cell',
    'cellphone',
    'telephone',
    'tel',
    'sms',
    'telefon',
    'telefonnummer',
    'handy',
    'mobil',
    'mobilnummer',
  ],
  locale: ['locale', 'language', 'lang', 'languagecode', 'sprache'],
  time_zone: ['timezone', 'tz', 'zone', 'zeitzone'],
};
const EMAIL = /^[^\s@]+@[^\s@]+\.[^\s@]+$/;
const PHONE = /^'?\+\d[\d ().-]{6,}$/;
const ZONE = /^[A-Z][A-Za-z_]+\/[A-Z][A-Za-z_/+-]+$/;
const CHOICE = /^(true|false)$/i;

/**
 * Proposes which field each column is: by its name, else by what its cells look like. A field is proposed once, so that
 * the proposal is never refused for that. People look at it and change it.
 *
 * @param names of the columns.
 * @param rows the first ones, by column.
 * @param categories that the app has: a column of this name that says true or false is a preference.
 * @returns the field of each column; empty for a column without a name, which is left out.
 */
export function proposeFields(
  names: readonly string[],
  rows: readonly (readonly string[])[],
  categories: readonly string[] = [],
): string[] {
  const taken = new Set<string>();
  const fields: (string | null)[] = names.map(() => null);
  const propose = (fieldOf: (name: string, values: readonly string[]) => string | null): void => {
    names.forEach((name, column) => {
      if (fields[column] !== null) return;
      const values = rows.map((row) => row[column]!.trim()).filter((value) => value !== '');
      const field = fieldOf(name, values);
      if (field === null || (field !== '' && taken.has(field))) return;
      fields[column] = field;
      taken.add(field);
    });
  };
  // The surest first: what is named exactly so takes a field before what looks like it.
  propose((name) => (name === '' ? '' : fieldNamed(name)));
  propose((name) => Object.keys(NAMES).find((field) => NAMES[field]!.includes(letters(name))) ?? null);
  propose((name, values) => {
    const category = categories.find((each) => letters(each) === letters(name));
    return category !== undefined && all(values, CHOICE) ? `preferences.${category}` : null;
  });
  propose((_, values) => (all(values, EMAIL) ? 'email' : all(values, PHONE) ? 'phone' : null));
  propose((_, values) => (all(values, ZONE) ? 'time_zone' : null));
  propose((name) => `attributes.${attributeName(name)}`);
  return fields.map((field) => field ?? '');
}

/** The name of an attribute for a column: "Customer since" is customer_since. */
export function attributeName(column: string): string {
  const name = column
    .trim()
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}]+/gu, '_')
    .replaceAll(/^_+|_+$/g, '');
  return name === '' ? 'column' : name;
}

const letters = (name: string): string => name.toLowerCase().replaceAll(/[^\p{L}]/gu, '');
const all = (values: readonly string[], pattern: RegExp): boolean =>
  values.length > 0 && values.every((value) => pattern.test(value));

/**
 * The parameters of an import that say which column is which field: only what differs from the names of the file.
 *
 * @param fields of the columns; empty leaves one out.
 */
export function mapOf(names: readonly string[], fields: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    names.flatMap((name, column) => (name === fields[column] ? [] : [[name, fields[column]!] as const])),
  );
}
