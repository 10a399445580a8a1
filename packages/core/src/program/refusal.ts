/**
 * Why an operator's command about backups and restores was refused. Part of the output with --json, so codes are only
 * ever added; docs/backup.md lists them.
 */
export const REFUSALS = [
  /** The directory holds no complete backup, or one that another release wrote in another format. */
  'not_a_backup',
  /** A file differs from its checksum. */
  'damaged_backup',
  /** The backup has migrations that this release does not know. */
  'newer_schema',
  /** The backup, or the database, belongs to another installation. */
  'other_installation',
  /** The secrets in the backup do not open with ENCRYPTION_KEYS. */
  'other_keys',
  /** A restore needs an empty database. */
  'not_empty',
  /** Another restore, or a migration, is running. */
  'busy',
  /** Programs of Carillon are connected to the database. */
  'programs_connected',
  /** The database lacks migrations of this release. */
  'not_migrated',
  /** The last restore is still under review. */
  'under_review',
  /** The database was marked as restored to this moment already. */
  'already_restored',
  /** The moment does not fit to what the database holds. */
  'wrong_moment',
  /** The database was never restored. */
  'not_restored',
  /** Nobody has looked at the report yet. */
  'not_reviewed',
  /** Files cannot be written or read. */
  'files',
] as const;
export type RefusalCode = (typeof REFUSALS)[number];

/** A command that was refused, and changed nothing. The message gives the fault, the value, the bound and the remedy. */
export class Refusal extends Error {
  override readonly name = 'Refusal';
  readonly code: RefusalCode;

  constructor(code: RefusalCode, message: string) {
    super(message);
    this.code = code;
  }
}
