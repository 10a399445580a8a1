import { ProblemError } from '@carillon/core/text/problem';
import type { ReadAnswer, ReadFrom, Reads } from '@carillon/db/replica/reader';
import type { Context } from 'hono';
import type { ApiDeps, ApiEnv } from '../deps.ts';
import { placeOf } from './read-places.ts';

export const LAG_HEADER = 'Carillon-Replica-Lag';
export const MAX_LAG_HEADER = 'Carillon-Max-Lag';

interface Route {
  operationId: string;
}

/**
 * How a route reads that a replica may answer. Its answers say how far they may be behind; the caller may say how far
 * they may be, in `Carillon-Max-Lag`.
 *
 * @returns a function of a request and of work that only reads, and that may be begun again on the primary.
 * @throws Error at the start of the program, if READ_PLACES does not give the operation to the replica.
 */
export function readFor(deps: Pick<ApiDeps, 'reads'>, route: Route) {
  const answer = answerFor(deps, route);
  return async <T>(c: Context<ApiEnv>, work: (from: ReadFrom) => Promise<T>): Promise<T> =>
    (await answer(c, work)).value;
}

/** The same, for who also needs to know as of when the answer is. */
export function answerFor({ reads }: Pick<ApiDeps, 'reads'>, route: Route) {
  assertPlace(route, 'replica');
  return async <T>(c: Context<ApiEnv>, work: (from: ReadFrom) => Promise<T>): Promise<ReadAnswer<T>> => {
    const answer = await reads.read(work, maxLagOf(c));
    sayLag(c, answer.asOf);
    return answer;
  };
}

/** How a route reads whose one answer serves everybody for a while: it says the lag itself, in each answer. */
export function sharedReads({ reads }: Pick<ApiDeps, 'reads'>, route: Route): Reads {
  assertPlace(route, 'shared');
  return reads;
}

/**
 * Says in the answer how far it may be behind. Where it was read in several parts, the oldest counts of those that were
 * read before its first byte.
 */
export function sayLag(c: Context<ApiEnv>, asOf: number | null): void {
  if (asOf === null) return;
  const { headers } = c.get('answerHeaders');
  const behind = (performance.now() - asOf) / 1000;
  const said = Number(headers[LAG_HEADER] ?? 0);
  headers[LAG_HEADER] = Math.max(said, behind).toFixed(3);
}

function assertPlace({ operationId }: Route, place: 'replica' | 'shared'): void {
  const given = placeOf(operationId);
  if (given === place) return;
  throw new Error(
    `${operationId} reads as "${place}", and READ_PLACES (apps/api/src/reads) has it as ${JSON.stringify(given ?? null)}`,
  );
}

/** In milliseconds. @throws ProblemError 422 for what is no number of seconds. */
function maxLagOf(c: Context<ApiEnv>): number | undefined {
  const given = c.req.header(MAX_LAG_HEADER);
  if (given === undefined) return undefined;
  if (/^\d{1,9}(\.\d{1,9})?$/.test(given)) return Number(given) * 1000;
  const message = `${JSON.stringify(given)} is not a number of seconds; write 0 for an answer with everything that was written before, or such as 2.5`;
  throw new ProblemError('invalid_request', `${MAX_LAG_HEADER}: ${message}`, {
    errors: [{ path: MAX_LAG_HEADER, message }],
  });
}
