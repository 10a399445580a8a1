import { type ExplainedFailure, explainFailure, type FailureContext } from './explain-failure.ts';

/** A problem that `/readyz` reports. The endpoint is public, so the sentence names no host, user or database. */
export interface ReadinessProblem {
  part: 'postgres' | 'migrations' | 'replica' | 'redis' | 'accounts';
  /** The error kind: a SQLSTATE, a Node error code, the first word of a Redis error, or a code of this system. */
  code: string;
  /** What is wrong, and the remedy. */
  message: string;
}

/** One failure in two texts: for the log, with the host, and for `/readyz`, without. */
export interface Trouble {
  logged: ExplainedFailure;
  problem: ReadinessProblem;
}

/**
 * @param error why a part cannot be used.
 * @param context how it is named, with its URL.
 */
export function troubleWith(
  part: ReadinessProblem['part'],
  error: unknown,
  context: FailureContext,
): Trouble {
  const { at: _, ...anonymous } = context;
  const logged = explainFailure(error, context) ?? unknownFailure(error, context);
  const shown = explainFailure(error, anonymous) ?? unknownFailure(error, context);
  return { logged, problem: { part, code: shown.code, message: shown.sentence } };
}

/** For an error without a sentence of its own, the log of the program has the details. */
function unknownFailure(error: unknown, { what }: FailureContext): ExplainedFailure {
  const { code } = error as { code?: unknown };
  const known = typeof code === 'string' ? code : 'unknown';
  return { code: known, sentence: `${what} cannot be used (${known}): look at its log.` };
}

/** The problem of a database in which a restore has not ended. @param sentence with the remedy. */
export function troubleWithRestore(sentence: string): Trouble {
  const code = 'unfinished_restore';
  return { logged: { code, sentence }, problem: { part: 'migrations', code, message: sentence } };
}

/** The problem of a pooler before the database with which a program cannot work. @param sentence with the remedy. */
export function troubleWithPooler(code: string, sentence: string): Trouble {
  return { logged: { code, sentence }, problem: { part: 'postgres', code, message: sentence } };
}

/** The problem of a database that lacks migrations; null if it lacks none. */
export function troubleWithMigrations(missing: readonly string[], command: string): Trouble | null {
  if (missing.length === 0) return null;
  const sentence = `PostgreSQL lacks ${missing.length} migration(s) that this release needs (${missing.join(', ')}): run "${command}".`;
  const code = 'missing_migrations';
  return { logged: { code, sentence }, problem: { part: 'migrations', code, message: sentence } };
}
