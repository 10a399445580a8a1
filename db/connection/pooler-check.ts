import type { DatabaseAddress } from '@carillon/core/program/database-settings';
import { type Trouble, troubleWithPooler } from '@carillon/core/program/readiness';
import type { Sql } from 'postgres';
import { openSession } from './session.ts';

/** What lies between a client and PostgreSQL; `session` and so on are the modes of PgBouncer. */
export type PoolerKind = 'none' | 'session' | 'transaction' | 'statement';

const ROUNDS = 5;

/**
 * Finds out what a URL leads to, by two connections that leave nothing behind. A pooler answers with a process number of its own
 * when a connection begins; in session mode each of both connections keeps its session of the server, and in statement mode no
 * transaction is possible.
 *
 * @throws the error of a connection that cannot be used.
 */
export async function poolerKind(url: string): Promise<PoolerKind> {
  const [one, other] = [
    openSession({ url, name: 'carillon look' }),
    openSession({ url, name: 'carillon look' }),
  ];
  try {
    if (!(await isPooled(one))) return 'none';
    if (!(await takesTransactions(one))) {
      // It closes the connection, as one that has failed would.
      await backendOf(other);
      return 'statement';
    }
    const seen = { one: new Set<number>(), other: new Set<number>() };
    for (let round = 0; round < ROUNDS; round++) {
      seen.one.add(await backendOf(one));
      seen.other.add(await backendOf(other));
    }
    const isKept =
      seen.one.size === 1 && seen.other.size === 1 && ![...seen.one].some((pid) => seen.other.has(pid));
    return isKept ? 'session' : 'transaction';
  } finally {
    await Promise.all([one.end({ timeout: 1 }), other.end({ timeout: 1 })]);
  }
}

/** Whether something else than PostgreSQL itself has taken the connection. */
export async function isPooled(sql: Sql): Promise<boolean> {
  const rows = await sql.unsafe<{ pid: number }[]>('select pg_backend_pid() as pid');
  return (rows as unknown as { state: { pid: number } }).state.pid !== rows[0]!.pid;
}

async function backendOf(sql: Sql): Promise<number> {
  const [row] = await sql.unsafe<{ pid: number }[]>('select pg_backend_pid() as pid');
  return row!.pid;
}

const REFUSALS = new Set(['08P01', 'CONNECTION_CLOSED']);

async function takesTransactions(sql: Sql): Promise<boolean> {
  try {
    await sql.begin((tx) => tx.unsafe('select 1'));
    return true;
  } catch (error) {
    if (REFUSALS.has(String((error as { code?: unknown }).code))) return false;
    throw error;
  }
}

/** Between two looks that found nothing, and while something is wrong. */
const EVERY_MS = { fine: 300_000, wrong: 10_000 };

export interface PoolerCheckOptions {
  sql: Sql;
  address: Pick<DatabaseAddress, 'url' | 'pooler'>;
  /** Called once with a sentence about what works and should be different. */
  advise(sentence: string): void;
}

/**
 * @returns a function that compares what the address leads to with what the settings say; looks rarely, however often it is
 *   called. It resolves to what keeps a program from working, or null.
 */
export function poolerCheck({ sql, address, advise }: PoolerCheckOptions): () => Promise<Trouble | null> {
  let trouble: Trouble | null = null;
  let dueAt = 0;
  const advised = new Set<string>();
  const look = async (): Promise<Trouble | null> => {
    // A look-up that every pool makes with this setting (client.ts): whether settings reach the server.
    const [row] = await sql<{ seqscan: string }[]>`select current_setting('enable_seqscan') as seqscan`;
    if (!(await isPooled(sql))) return null;
    const judged = judgePooler(await poolerKind(address.url), address.pooler, row!.seqscan === 'off');
    if (judged?.isFatal) return troubleWithPooler(judged.code, judged.sentence);
    if (judged && !advised.has(judged.code)) advise(judged.sentence);
    if (judged) advised.add(judged.code);
    return null;
  };
  return async () => {
    if (performance.now() < dueAt) return trouble;
    trouble = await look();
    dueAt = performance.now() + (trouble ? EVERY_MS.wrong : EVERY_MS.fine);
    return trouble;
  };
}

export interface PoolerVerdict {
  code: string;
  /** What is wrong, and the remedy; without an address. */
  sentence: string;
  isFatal: boolean;
}

const SAY = 'set DATABASE_POOLER=transaction, and DATABASE_DIRECT_URL to the address of the server behind it';

/**
 * @param said the setting DATABASE_POOLER.
 * @param settingsHold whether the settings of a session reach the server.
 */
export function judgePooler(
  kind: PoolerKind,
  said: DatabaseAddress['pooler'],
  settingsHold: boolean,
): PoolerVerdict | null {
  if (kind === 'statement')
    return {
      code: 'pooler_mode',
      sentence:
        'DATABASE_URL leads to a pooler in statement mode, in which no transaction is possible: set pool_mode=transaction there.',
      isFatal: true,
    };
  if (said === null && kind !== 'none')
    return {
      code: 'pooler_not_said',
      sentence: `DATABASE_URL leads to a pooler in ${kind} mode, and DATABASE_POOLER is not set${settingsHold ? '' : ', so that neither time limits nor prepared statements work'}: ${SAY}.`,
      isFatal: !settingsHold || kind === 'transaction',
    };
  if (kind === 'session')
    return {
      code: 'pooler_mode',
      sentence:
        'DATABASE_URL leads to a pooler in session mode: each connection of Carillon keeps one of the server. Set pool_mode=transaction there, or leave the pooler out.',
      isFatal: false,
    };
  return null;
}
