import type { ISql } from 'postgres';

/**
 * What a statement needs that only reads: pools of the primary, pools of a replica, and transactions are all of this
 * type. A verb that writes takes `Sql` or `TransactionSql`, and a `Reader` is neither, so that it cannot be given one.
 */
export type Reader = ISql;

/** A pool for reading, which also has transactions that see one moment. */
export interface ReaderPool extends Reader {
  begin(
    options: 'isolation level repeatable read read only',
    work: (tx: Reader) => Promise<unknown>,
  ): Promise<unknown>;
}

/** What one read is given. */
export interface ReadFrom {
  /** For look-ups and pages. */
  sql: ReaderPool;
  /** For statements over many rows. */
  sets: ReaderPool;
  /** Everything that was committed longer ago than this is seen; 0 from the primary. In milliseconds. */
  behindMs: number;
}

export interface ReadAnswer<T> {
  value: T;
  /**
   * The answer has everything that was committed before this, in milliseconds of `performance.now()`; null: it is from
   * the primary.
   */
  asOf: number | null;
}

/** Where reads go that may be answered by a replica. */
export interface Reads {
  /**
   * @param work only reads. It may be begun again on the primary, even while the first one still runs.
   * @param maxBehindMs the caller takes no older answer from a replica; the bound of the installation holds as well.
   */
  read<T>(work: (from: ReadFrom) => Promise<T>, maxBehindMs?: number): Promise<ReadAnswer<T>>;
}

type Primary = Record<'sql' | 'sets', ReaderPool>;

/** All reads of an installation without a replica. */
export function primaryReads(primary: Primary): Reads {
  return { read: async (work) => ({ value: await work({ ...primary, behindMs: 0 }), asOf: null }) };
}
