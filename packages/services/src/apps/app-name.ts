import { MAX_ORIGINS, originProblem } from '@carillon/core/access/allowed-origin';
import { isBlank, nameProblem } from '@carillon/core/provider/visible-text';
import { readTimeZone } from '@carillon/core/recipient/time-zone';
import { ProblemError } from '@carillon/core/text/problem';
import { findAppsNamed } from '@carillon/db/apps/apps';
import type { TransactionSql } from 'postgres';
import { invalidField } from '../context.ts';

export const MAX_NAME_LENGTH = 100;

/**
 * @param path of the field, for the error.
 * @returns the name unchanged.
 * @throws ProblemError 422 for a name that is empty, too long, or could be confused with another one.
 */
export function checkedName(path: string, name: string): string {
  if (isBlank(name)) throw invalidField(path, name, 'has nothing to see in it; write a name');
  if (name.length > MAX_NAME_LENGTH)
    throw invalidField(path, name.slice(0, 60), `is too long; at most ${MAX_NAME_LENGTH} characters`);
  const problem = nameProblem(name);
  if (problem !== null) throw invalidField(path, name, problem);
  return name;
}

/** @throws ProblemError 422 for one that is no origin, for one that is named twice, and for too many. */
export function checkedOrigins(origins: readonly string[]): string[] {
  origins.forEach((origin, index) => {
    const problem = originProblem(origin);
    if (problem !== null) throw invalidField(`allowed_origins.${index}`, origin.slice(0, 300), problem);
  });
  if (origins.length > MAX_ORIGINS)
    throw invalidField('allowed_origins', origins.length, `origins are too many; at most ${MAX_ORIGINS}`);
  return [...new Set(origins)];
}

/** @throws ProblemError 422 for anything but an IANA name. */
export function checkedTimeZone(timeZone: string | null): string | null {
  if (timeZone === null) return null;
  const read = readTimeZone(timeZone);
  if ('problem' in read) throw invalidField('time_zone', timeZone, read.problem);
  return read.zone;
}

/**
 * Call it under `lockAppNames`: people select apps by name, so names are unique.
 *
 * @param except an app that may already have the name.
 * @throws ProblemError 409 naming the app that has it.
 */
export async function assertNameIsFree(tx: TransactionSql, name: string, except?: string): Promise<void> {
  const taken = (await findAppsNamed(tx, name)).find(({ id }) => id !== except);
  if (taken)
    throw new ProblemError(
      'invalid_state',
      `There is an app ${JSON.stringify(name)} already, ${taken.id}. Use it, or take another name.`,
    );
}
