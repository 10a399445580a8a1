/** What happens to the person of a row, besides the import. */
export const LINE_KINDS = [
  /** Opted out before the import. */
  'opted out',
  /** The address was suppressed before the import. */
  'suppressed',
  /** The address bounced before the import, and is disabled. */
  'bounced',
  /** Opts out meanwhile. */
  'opts out',
  /** The address is suppressed meanwhile. */
  'is suppressed',
  /** Another field is put meanwhile. */
  'put',
  /** Another field is put meanwhile, with those of others. */
  'put in a batch',
  /** A field that the row gives is put after the row was reported as stored. */
  'changed later',
  /** Erased after the row was reported as stored. */
  'erased later',
  /** Cannot be stored. */
  'flawed',
  /** The row itself says that nothing is wanted. */
  'unwilling',
  /** The same person as in the row before, who is asked for again. */
  'repeated',
  'plain',
] as const;
export type LineKind = (typeof LINE_KINDS)[number];

/** Of so many rows, those behind the kinds are plain. */
const TURN = 25;

export const kindOf = (n: number): LineKind => LINE_KINDS[n % TURN] ?? 'plain';

/** A row of a file that was imported. */
export interface ImportedLine {
  kind: LineKind;
  id: string;
  /** Its place among the rows, from 0: it is an attribute of its person. */
  n: number;
  /** Lines of the file; a cell may have a line break. */
  line: number;
  endLine: number;
}
