import type { Words } from '../notification/wording.ts';
import type { ImportErrorKind } from './errors.ts';

/** What the classes of errors of an import mean, for those who have the file. The remedy of each row is in its message. */
const refused = (title: string, means: string, next: string): Words => ({ title, means, next, tone: 'bad' });

export const IMPORT_ERROR_WORDS: Readonly<Record<ImportErrorKind, Words>> = {
  not_utf8: refused(
    'Not in UTF-8',
    'The line has letters in another encoding, such as Windows-1252. Guessing would store wrong names.',
    'Save the file as UTF-8 ("CSV UTF-8" in spreadsheets) and choose it again.',
  ),
  malformed_line: refused(
    'Cannot be read',
    'A quote is not closed or stands where none may, or the line is not JSON. Rows that were swallowed by it are counted as one.',
    'Look at the line: write a quote inside a cell twice, and the cell in quotes.',
  ),
  line_too_long: refused(
    'Too long',
    'The line has more than 1 MiB.',
    'Look for a missing line break, or a quote that is not closed.',
  ),
  wrong_cells: refused(
    'Another number of cells',
    'The row has more or fewer cells than the first line has columns.',
    'Look for a missing or an additional separator, or for a cell that needs quotes.',
  ),
  unknown_field: refused(
    'Unknown field',
    'The row has a field that recipients do not have.',
    'Rename it to attributes.<name>, or take it out of the file.',
  ),
  missing_id: refused(
    'No id',
    'The row does not say who it is about.',
    'Give each row the id that your app has for the person.',
  ),
  invalid_id: refused(
    'Id not usable',
    'The id has white space around it, invisible characters, or more than 255 characters.',
    'Correct the id in the file.',
  ),
  invalid_email: refused(
    'E-mail not usable',
    'What stands there is not an e-mail address.',
    'Correct it, or empty the cell: the person is then stored without it.',
  ),
  invalid_phone: refused(
    'Phone not usable',
    'What stands there is not a phone number with its country code.',
    'Write numbers as +49 151 23456789, or empty the cell.',
  ),
  invalid_locale: refused(
    'Locale not usable',
    'What stands there is not the code of a language.',
    'Write codes such as en, de or pt-BR, or empty the cell.',
  ),
  invalid_time_zone: refused(
    'Time zone not usable',
    'What stands there is not the name of a time zone.',
    'Write names such as Europe/Berlin, or empty the cell.',
  ),
  invalid_attributes: refused(
    'Attributes not usable',
    'They are too long together, are no object, or are given as a whole and by name.',
    'Keep what audiences need; leave columns out above.',
  ),
  invalid_preferences: refused(
    'Preference not usable',
    'A choice is neither true nor false.',
    'Write true or false in each cell of the column, or empty the cell.',
  ),
};
