import type { GroupFailure, Settled } from '@carillon/core/program/bisect';
import { type GroupCommitOptions, groupCommit } from '@carillon/core/program/group-commit';
import { isTransient, sqlFailure } from './sql-state.ts';

/**
 * Group commit for statements: no member holds up its group.
 *
 * A member with values that PostgreSQL refuses is found by halving and rejects alone. A member whose row is locked by
 * another transaction is found with one query (`lockedOf`), once the statement has waited for `lock_timeout`: it
 * rejects with that error and the others go at once. Until it succeeds it goes with others of its kind, apart from the
 * group.
 */
export interface GroupStatementsOptions<Item> extends Omit<GroupCommitOptions, 'failureOf'> {
  /** The key of a member over repeated calls, and which of these have rows locked by another transaction. */
  locks?: { keyOf(item: Item): string; lockedOf(keys: readonly string[]): Promise<ReadonlySet<string>> };
}

/** A row that stays locked is queried apart from its group for this long after the last try. */
const APART_MS = 60_000;

export function groupStatements<Item, Result>(
  commit: (items: Item[]) => Promise<Result[]>,
  { locks, ...options }: GroupStatementsOptions<Item>,
): (item: Item) => Promise<Result> {
  if (!locks) return groupCommit(commit, { ...options, failureOf: groupFailure });

  const commitFree = async (items: Item[]): Promise<Settled<Result>[]> => {
    try {
      return (await commit(items)).map((result) => ({ ok: true, result }));
    } catch (error) {
      if (!isLocked(error) || items.length < 2) throw error;
      const found = await locks.lockedOf(items.map(locks.keyOf));
      const free = items.filter((item) => !found.has(locks.keyOf(item)));
      if (free.length === 0 || free.length === items.length) throw error;
      const results = (await commit(free)).values();
      return items.map((item) =>
        found.has(locks.keyOf(item))
          ? { ok: false, error }
          : { ok: true, result: results.next().value as Result },
      );
    }
  };
  const join = groupCommit(commitFree, { ...options, failureOf: groupFailure });
  const joinApart = groupCommit(commitFree, { ...options, maxInFlight: 1, failureOf: groupFailure });
  /** When each was last found locked. */
  const locked = new Map<string, number>();

  return async (item) => {
    const key = locks.keyOf(item);
    const foundAt = locked.get(key);
    const isApart = foundAt !== undefined && performance.now() - foundAt < APART_MS;
    const end = await (isApart ? joinApart : join)(item).catch(rejected);
    if (end.ok) {
      locked.delete(key);
      return end.result;
    }
    if (isLocked(end.error)) remember(locked, key);
    throw end.error;
  };
}

/**
 * Whether the values of one member are at fault, so that its statement fails every time: the caller has to end it,
 * visibly.
 */
export function isMembersFault(error: unknown): boolean {
  return sqlFailure(error) === 'data' || isOfOneValue(error);
}

/** @returns what the error of a group's statement means for the group. */
export function groupFailure(error: unknown): GroupFailure {
  if (isMembersFault(error)) return 'member';
  return isTransient(error) ? 'server' : 'other';
}

/** Whether a statement gave up waiting for a lock: SQLSTATE 55P03, `lock_timeout`. */
export function isLocked(error: unknown): boolean {
  for (let at = error; at instanceof Error; at = at.cause)
    if ((at as { code?: unknown }).code === '55P03') return true;
  return false;
}

/** Carillon's own code failed on a value while it made or read the statement. */
function isOfOneValue(error: unknown): boolean {
  return (
    error instanceof TypeError ||
    error instanceof RangeError ||
    (error as { code?: unknown } | null)?.code === 'UNDEFINED_VALUE'
  );
}

function rejected(error: unknown): Settled<never> {
  return { ok: false, error };
}

function remember(locked: Map<string, number>, key: string): void {
  const now = performance.now();
  locked.set(key, now);
  if (locked.size > 1000) for (const [each, at] of locked) if (now - at > APART_MS) locked.delete(each);
}
