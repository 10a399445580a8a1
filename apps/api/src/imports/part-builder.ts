import { type ImportErrorKind, MAX_ERRORS_OF_LINE } from '@carillon/core/import/errors';
import { addressHash } from '@carillon/core/recipient/suppression';
import { literalOf } from '@carillon/db/connection/arrays';
import type { ImportOptions } from '@carillon/db/imports/read-imports';
import type { ImportPart } from '@carillon/services/imports/merge-part';
import { type CheckedRow, checkRow, joinRows } from './check-row.ts';
import type { ReadRow } from './read-row.ts';

export interface PartBuilderOptions extends Pick<ImportOptions, 'mode' | 'resubscribe'> {
  appId: string;
  /** Lines up to here were merged by an earlier upload. */
  skipTo: number;
}

/** A part ends with so many rows, so many characters of values, or so many errors. */
const MAX_ROWS = 20_000;
/** An answer, and the first progress that others see, come soon. */
const FIRST_ROWS = 2_000;
const MAX_LENGTH = 4 * 1024 * 1024;
const MAX_ERRORS = 5_000;

interface HeldRow {
  line: number;
  row: CheckedRow;
}

export interface PartBuilder {
  add(row: ReadRow): void;
  /** Whether it is time to take the part. */
  isFull(): boolean;
  /** What was added since the last one; null if that is nothing. */
  take(): ImportPart | null;
}

/** Gathers checked rows into parts of bounded size, each id once, and writes them for COPY. */
export function partBuilder(options: PartBuilderOptions): PartBuilder {
  const { mode, resubscribe, skipTo } = options;
  let held = new Map<string, HeldRow>();
  let [position, repeated, failed, length] = [0, 0, 0, 0];
  let errors: ImportPart['errors'][number][] = [];
  let errorKinds: Record<string, number> = {};
  let limit = FIRST_ROWS;

  const refuse = (
    line: number,
    found: readonly { kind: ImportErrorKind; path: string; message: string }[],
    recipientId: string | null,
  ): void => {
    for (const [n, error] of found.slice(0, MAX_ERRORS_OF_LINE).entries()) {
      errorKinds[error.kind] = (errorKinds[error.kind] ?? 0) + 1;
      errors.push({ line, n, ...error, recipientId });
    }
  };

  return {
    add(read) {
      if (read.endLine <= skipTo) return;
      position = read.endLine;
      if ('flaw' in read) {
        failed += read.endLine - read.line + 1;
        return refuse(read.line, [read.flaw], null);
      }
      const checked = checkRow(read.value, mode);
      if ('errors' in checked) {
        failed += 1;
        return refuse(read.line, checked.errors, checked.recipientId);
      }
      const { row } = checked;
      const before = held.get(row.id);
      if (before) repeated += 1;
      const joined = before ? joinRows(before.row, row, resubscribe) : row;
      // Of a Map that has the key, `set` keeps the place: only the line says which row was the last one.
      held.set(row.id, { line: read.line, row: joined });
      length += lengthOf(row);
    },
    isFull: () => held.size + repeated >= limit || length >= MAX_LENGTH || errors.length >= MAX_ERRORS,
    take() {
      if (position === 0) return null;
      const rows = [...held.values()];
      const text = rows.map(({ line, row }) => copyLine(line, row, options)).join('');
      const part: ImportPart = {
        position,
        copy: new TextEncoder().encode(text),
        rows: rows.length,
        repeated,
        failed,
        errors,
        errorKinds,
      };
      held = new Map();
      [position, repeated, failed, length] = [0, 0, 0, 0];
      [errors, errorKinds] = [[], {}];
      limit = MAX_ROWS;
      return part;
    },
  };
}

/** About: only what may be long. */
function lengthOf({ id, attributes, set }: CheckedRow): number {
  const values = attributes ?? set;
  return id.length + 100 + (values === undefined ? 0 : JSON.stringify(values).length);
}

const FIELDS = ['locale', 'timeZone', 'email', 'phone', 'attributes'] as const;

/** A line of COPY with the columns of STAGED_COLUMNS, in their order. */
function copyLine(line: number, row: CheckedRow, { appId, resubscribe }: PartBuilderOptions): string {
  const { id, locale, timeZone, email, phone, attributes, set, unset, categories } = row;
  const given = FIELDS.filter((field) => row[field] !== undefined);
  const hash = (channel: 'email' | 'sms', address: string | null | undefined) =>
    resubscribe && address ? `\\x${addressHash(appId, channel, address).toString('hex')}` : null;
  const cells = [
    String(line),
    id,
    JSON.stringify(given),
    locale,
    timeZone,
    email,
    phone,
    json(attributes),
    json(set),
    unset === undefined || unset.length === 0 ? null : literalOf(unset),
    json(categories),
    hash('email', email),
    hash('sms', phone),
  ];
  return `${cells.map(copyCell).join('\t')}\n`;
}

const json = (value: unknown): string | undefined =>
  value === undefined ? undefined : JSON.stringify(value);

const ESCAPED: Readonly<Record<string, string>> = { '\\': '\\\\', '\t': '\\t', '\n': '\\n', '\r': '\\r' };

function copyCell(value: string | null | undefined): string {
  if (value === null || value === undefined) return '\\N';
  return /[\\\t\n\r]/.test(value) ? value.replaceAll(/[\\\t\n\r]/g, (each) => ESCAPED[each]!) : value;
}
