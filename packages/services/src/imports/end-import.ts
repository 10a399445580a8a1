import { untilObeyed } from '@carillon/core/notification/facts-hold';
import { dropImport, keepImport, leaveImport } from '@carillon/db/imports/imports';
import { getImport, type ImportRow } from '@carillon/db/imports/read-imports';
import type { ServiceContext } from '../context.ts';
import { LEASE_SECONDS, type OpenImport } from './begin-import.ts';
import { whileAway } from './while-away.ts';

/**
 * The end of the file is merged. Returns when no call that is judged by older facts is written any more.
 *
 * @param isRestricted whether any part said so.
 */
export async function finishImport(
  { db }: Pick<ServiceContext, 'db'>,
  { row, tenant, token }: OpenImport,
  isRestricted: boolean,
): Promise<ImportRow> {
  await whileAway(() => leaveImport(db, tenant, row.id, { token, finished: true }));
  if (isRestricted && !row.dryRun) await untilObeyed();
  return (await whileAway(() => getImport(db, tenant, row.id))) ?? row;
}

/** The upload ended before its file did: another one may go on at once. */
export async function interruptImport(
  { db }: Pick<ServiceContext, 'db'>,
  { row, tenant, token }: OpenImport,
): Promise<ImportRow | null> {
  return leaveImport(db, tenant, row.id, { token, finished: false });
}

/** The file was refused as a whole: its id can be used for another one. */
export async function refuseImport(
  { db }: Pick<ServiceContext, 'db'>,
  { row, tenant, token, isNew }: OpenImport,
): Promise<void> {
  if (isNew) await dropImport(db, tenant, row.id, token);
  else await leaveImport(db, tenant, row.id, { token, finished: false });
}

/** A sign of life of the upload, due every `RENEW_EVERY_MS`. */
export function renewImport(
  { db }: Pick<ServiceContext, 'db'>,
  { row, tenant, token }: OpenImport,
): Promise<void> {
  return keepImport(db, tenant, row.id, { token, leaseSeconds: LEASE_SECONDS });
}

/** How often `renewImport` is due, in milliseconds. */
export const RENEW_EVERY_MS = (LEASE_SECONDS * 1000) / 3;
