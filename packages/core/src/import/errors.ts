/** Classes of the errors of an import: a page shows one class at a time, the most basic first, in this order. */
export const IMPORT_ERROR_KINDS = [
  'not_utf8',
  'malformed_line',
  'line_too_long',
  'wrong_cells',
  'unknown_field',
  'missing_id',
  'invalid_id',
  'invalid_email',
  'invalid_phone',
  'invalid_locale',
  'invalid_time_zone',
  'invalid_attributes',
  'invalid_preferences',
] as const;
export type ImportErrorKind = (typeof IMPORT_ERROR_KINDS)[number];

/** Rows of errors that an import keeps; later ones are only counted. */
export const MAX_KEPT_ERRORS = 100_000;
/** Errors that the answer of an import lists; all that are kept can be read apart. */
export const MAX_LISTED_ERRORS = 1_000;
/** Errors of one line that are kept. */
export const MAX_ERRORS_OF_LINE = 10;

/** The class of an error in a field. */
export function kindOfField(path: string, isMissing: boolean): ImportErrorKind {
  const [field] = path.split('.', 1);
  switch (field) {
    case 'id':
      return isMissing ? 'missing_id' : 'invalid_id';
    case 'email':
    case 'phone':
    case 'locale':
    case 'time_zone':
    case 'attributes':
    case 'preferences':
      return `invalid_${field}`;
    default:
      return 'unknown_field';
  }
}
