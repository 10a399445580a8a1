import { type ImportErrorKind, kindOfField, MAX_ERRORS_OF_LINE } from '@carillon/core/import/errors';
import { categoryName } from '@carillon/core/provider/visible-text';
import type { MergedRecipient } from '@carillon/db/recipients/merge-recipients';
import type { IMPORT_MODES } from '@carillon/db/schema/imports';
import { z } from '@hono/zod-openapi';
import { name } from '../accept/fields.ts';
import { fieldErrors } from '../middleware/invalid.ts';
import { checkStorable } from '../middleware/storable.ts';
import { newRecipientParams, putRecipientSchema } from '../routes/recipients/put-schema.ts';

/** A row that can be merged. */
export interface CheckedRow extends MergedRecipient {
  /** Attributes to set one by one; never beside `attributes`. */
  set?: Record<string, unknown>;
  unset?: readonly string[];
  /** Whether a category is wanted, by its canonical name. */
  categories?: Readonly<Record<string, boolean>>;
}

export interface RowError {
  kind: ImportErrorKind;
  path: string;
  message: string;
}

const idSchema = newRecipientParams.shape.recipient_id;
const choicesSchema = z.record(name(64), z.boolean());
const ATTRIBUTE = 'attributes.';
const PREFERENCE = 'preferences.';

/**
 * Checks a row by the rules of PUT. `attributes` replaces all of them, `attributes.<name>` sets one (null removes it);
 * `preferences.<category>` and the members of `preferences` say whether a category is wanted.
 *
 * @param mode `replace` removes what the row does not give: address, locale, time zone, attributes.
 */
export function checkRow(
  value: Readonly<Record<string, unknown>>,
  mode: (typeof IMPORT_MODES)[number],
): { row: CheckedRow } | { errors: RowError[]; recipientId: string | null } {
  const { id, fields, named, choices, errors } = partsOf(value);
  const checkedId = idSchema.safeParse(id);
  if (!checkedId.success)
    errors.unshift(
      ...fieldErrors(checkedId.error, id).map((each) => errorOf({ ...each, path: 'id' }, id === undefined)),
    );
  const flaw = checkStorable(value).flaw;
  if (flaw) errors.push(errorOf(flaw));
  const checked = putRecipientSchema.safeParse(fields);
  if (!checked.success) errors.push(...fieldErrors(checked.error, fields).map((each) => errorOf(each)));
  const names = Object.keys(named);
  if (names.length > 0) {
    const attributes = putRecipientSchema.safeParse({ attributes: named });
    if (!attributes.success)
      errors.push(...fieldErrors(attributes.error, { attributes: named }).map((each) => errorOf(each)));
  }
  const wanted = choicesSchema.safeParse(choices);
  if (!wanted.success)
    errors.push(
      ...fieldErrors(wanted.error, choices).map((each) =>
        errorOf({ ...each, path: `${PREFERENCE}${each.path}` }),
      ),
    );
  if (errors.length > 0 || !checked.success || !wanted.success || !checkedId.success)
    return {
      errors: errors.slice(0, MAX_ERRORS_OF_LINE),
      recipientId: checkedId.success ? checkedId.data : null,
    };

  const { time_zone: timeZone, ...rest } = checked.data;
  const row: CheckedRow = { id: checkedId.data, ...rest };
  if (timeZone !== undefined) row.timeZone = timeZone;
  if (names.length > 0) {
    row.unset = names.filter((each) => named[each] === null);
    row.set = Object.fromEntries(Object.entries(named).filter(([, given]) => given !== null));
  }
  if (Object.keys(wanted.data).length > 0) row.categories = byName(wanted.data);
  return { row: mode === 'replace' ? replacing(row) : row };
}

function partsOf(value: Readonly<Record<string, unknown>>) {
  const fields: Record<string, unknown> = {};
  const named: Record<string, unknown> = {};
  const choices: Record<string, unknown> = {};
  const errors: RowError[] = [];
  let id: unknown;
  for (const [key, given] of Object.entries(value)) {
    if (key === 'id' || key === 'recipient_id') {
      if (id !== undefined)
        errors.push(errorOf({ path: 'id', message: 'is given as id and as recipient_id; give it once' }));
      id = given;
    } else if (key.startsWith(ATTRIBUTE)) named[key.slice(ATTRIBUTE.length)] = given;
    else if (key.startsWith(PREFERENCE)) choices[key.slice(PREFERENCE.length)] = given;
    else if (key !== 'preferences') fields[key] = given;
    else if (given === null || typeof given !== 'object' || Array.isArray(given))
      errors.push(
        errorOf({ path: 'preferences', message: 'is not an object; give { "<category>": true or false }' }),
      );
    else Object.assign(choices, given);
  }
  if (fields['attributes'] !== undefined && Object.keys(named).length > 0)
    errors.push(
      errorOf({ path: 'attributes', message: 'is given as a whole and by name; give one of the two' }),
    );
  return { id, fields, named, choices, errors };
}

function errorOf({ path, message }: { path: string; message: string }, isMissing = false): RowError {
  return { kind: kindOfField(path, isMissing), path, message };
}

/** In two spellings of one category, an opt-out counts. */
function byName(choices: Readonly<Record<string, boolean>>): Record<string, boolean> {
  const wanted: Record<string, boolean> = {};
  for (const [given, isWanted] of Object.entries(choices)) {
    const category = categoryName(given);
    wanted[category] = isWanted && wanted[category] !== false;
  }
  return wanted;
}

/** Whatever the row does not give is removed; wishes, devices and suppressions stay. */
function replacing({ set, unset: _, ...row }: CheckedRow): CheckedRow {
  return {
    ...row,
    email: row.email ?? null,
    phone: row.phone ?? null,
    locale: row.locale ?? null,
    timeZone: row.timeZone ?? null,
    attributes: row.attributes ?? set ?? {},
  };
}

/**
 * Two rows of one recipient as one, as if each were merged after the other. An opt-out counts, in whichever it stands,
 * unless people may be subscribed again.
 */
export function joinRows(earlier: CheckedRow, later: CheckedRow, resubscribe: boolean): CheckedRow {
  const joined: CheckedRow = { ...earlier, ...defined(later) };
  if (later.attributes !== undefined) {
    delete joined.set;
    delete joined.unset;
  } else if (later.set !== undefined) {
    const unset = later.unset ?? [];
    if (earlier.attributes !== undefined) {
      joined.attributes = without({ ...earlier.attributes, ...later.set }, unset);
      delete joined.set;
      delete joined.unset;
    } else {
      joined.set = without({ ...earlier.set, ...later.set }, unset);
      joined.unset = [...(earlier.unset ?? []).filter((name) => !Object.hasOwn(later.set!, name)), ...unset];
    }
  }
  if (earlier.categories && later.categories) {
    const wanted: Record<string, boolean> = { ...earlier.categories, ...later.categories };
    if (!resubscribe)
      for (const [category, isWanted] of Object.entries(earlier.categories))
        if (!isWanted) wanted[category] = false;
    joined.categories = wanted;
  }
  return joined;
}

function defined(row: CheckedRow): Partial<CheckedRow> {
  return Object.fromEntries(Object.entries(row).filter(([, value]) => value !== undefined));
}

function without(attributes: Record<string, unknown>, names: readonly string[]): Record<string, unknown> {
  return Object.fromEntries(Object.entries(attributes).filter(([name]) => !names.includes(name)));
}
