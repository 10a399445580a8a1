import { type ImportErrorKind, MAX_KEPT_ERRORS } from '@carillon/core/import/errors';
import { attributesTooLong, MAX_ATTRIBUTES_LENGTH } from '@carillon/core/recipient/attributes';
import { ProblemError } from '@carillon/core/text/problem';
import { audit } from '@carillon/db/audit/audit';
import { addImportErrors } from '@carillon/db/imports/import-errors';
import {
  type MergedRows,
  mergeRows,
  previewRows,
  stageRows,
  takeOutTooLong,
} from '@carillon/db/imports/merge-rows';
import type { ImportError } from '@carillon/db/imports/read-import-errors';
import { addProgress, type ImportProgress, lockImport } from '@carillon/db/imports/write-progress';
import type { TransactionSql } from 'postgres';
import type { ActorContext } from '../context.ts';
import { LEASE_SECONDS, type OpenImport } from './begin-import.ts';
import { whileAway } from './while-away.ts';

/** Some lines of an import, read and checked. */
export interface ImportPart {
  /** The last line of the file that belongs to it. */
  position: number;
  /** Rows to merge, each id once, as the text of COPY (db/imports/merge-rows.ts). */
  copy: Uint8Array;
  /** How many rows those are. */
  rows: number;
  /** Rows that a later one of the same id in this part replaced, or was joined with. */
  repeated: number;
  /** Rows that were refused. */
  failed: number;
  errors: readonly (ImportError & { kind: ImportErrorKind })[];
  /** Errors by kind, also those that `errors` leaves out. */
  errorKinds: Readonly<Record<string, number>>;
}

/**
 * Merges a part and moves the import's position, in one commit. While PostgreSQL is away it tries again; a part whose
 * commit was not answered is merged again only if it is not there.
 *
 * @returns whether a fact changed that a call in flight may not know yet.
 * @throws ProblemError 409 if this upload no longer has the import, 503 while PostgreSQL stays away.
 */
export async function mergePart(
  { db, actor }: ActorContext,
  open: OpenImport,
  part: ImportPart,
  known: Pick<ImportProgress, 'layout' | 'head'>,
): Promise<boolean> {
  return whileAway(() => db.begin((tx) => mergeOnce(tx, actor, open, part, known)));
}

async function mergeOnce(
  tx: TransactionSql,
  actor: string,
  { row, tenant, token }: OpenImport,
  part: ImportPart,
  known: Pick<ImportProgress, 'layout' | 'head'>,
): Promise<boolean> {
  const at = await lockImport(tx, tenant, row.id, token);
  if (at === null) throw lost(row.id);
  if (at.position >= part.position) return true;
  await stageRows(tx, part.copy);
  const tooLong = await takeOutTooLong(tx, tenant, MAX_ATTRIBUTES_LENGTH);
  const merge = row.dryRun ? previewRows : mergeRows;
  const merged: MergedRows = await merge(tx, tenant, row);
  const errors = [...part.errors, ...tooLong.map(tooLongError)].slice(
    0,
    Math.max(0, MAX_KEPT_ERRORS - at.errorsKept),
  );
  await addImportErrors(tx, tenant, row.id, errors);
  const { created, updated } = merged;
  const rows = part.rows - tooLong.length;
  await addProgress(tx, tenant, row.id, {
    ...known,
    position: part.position,
    read: part.rows + part.repeated + part.failed,
    created,
    updated,
    unchanged: rows - created - updated + part.repeated,
    failed: part.failed + tooLong.length,
    errorKinds: withTooLong(part.errorKinds, tooLong.length),
    errorsKept: errors.length,
    leaseSeconds: LEASE_SECONDS,
  });
  if (merged.lifted > 0)
    await audit(tx, {
      appId: tenant.appId,
      actor,
      action: 'recipient.resubscribe',
      subject: `import:${row.id}`,
      detail: { environment: tenant.environment, to_line: part.position, recipients: merged.lifted },
    });
  return merged.isRestricted;
}

const TOO_LONG_KIND = 'invalid_attributes';

function tooLongError(row: { line: number; id: string; length: number }): ImportError {
  return {
    line: row.line,
    n: 0,
    kind: TOO_LONG_KIND,
    path: 'attributes',
    message: `together with those that are stored, they are ${attributesTooLong(row.length)}`,
    recipientId: row.id,
  };
}

function withTooLong(kinds: Readonly<Record<string, number>>, count: number): Record<string, number> {
  return count === 0 ? { ...kinds } : { ...kinds, [TOO_LONG_KIND]: (kinds[TOO_LONG_KIND] ?? 0) + count };
}

function lost(id: string): ProblemError {
  return new ProblemError(
    'invalid_state',
    `Another upload of import "${id}" has begun, because nothing was heard of this one for ${LEASE_SECONDS} s. This one is ended.`,
  );
}
