import type { Sql, TransactionSql } from 'postgres';

/**
 * Makes `sql.begin` survive the loss of its connection. postgres.js 3.4.9 goes on with `rollback` or `commit` on the
 * lost connection and thereby ends the process with an exception that cannot be caught
 * (https://github.com/porsager/postgres/issues/1208). Here the work of a lost transaction never ends, so the library
 * does not go on with it; `begin` itself rejects the moment the connection closes.
 *
 * @param settings what follows `begin` in the same message (transaction-settings.ts).
 */
export function survivingBegin(sql: Sql, settings = ''): void {
  const begin = sql.begin.bind(sql) as unknown as (options: string, work: Work) => Promise<unknown>;
  const { unsafe } = sql;
  let tell: ((connection: Connection) => void) | null = null;

  // `begin` sends its first statement through here, synchronously, and thereby learns its connection.
  sql.unsafe = ((text: string, parameters?: [], options?: Executed) => {
    const onexecute = options?.onexecute;
    if (!onexecute || !tell) return unsafe(text, parameters, options as never);
    const told = tell;
    const both = (connection: Connection): unknown => {
      told(connection);
      return onexecute(connection);
    };
    return unsafe(`${text}${settings}`, parameters, { ...options, onexecute: both } as never);
  }) as typeof unsafe;

  sql.begin = (async (first: string | Work, second?: Work) => {
    const [options, work] = typeof first === 'function' ? ['', first] : [first, second!];
    let connection: Connection | null = null;
    const isLost = (): boolean => !connection?.reserved;
    tell = (each) => {
      connection = each;
    };
    const transaction = begin(options, async (tx) => {
      try {
        const result = await work(whileHeld(tx, isLost));
        return isLost() ? await NEVER : result;
      } catch (error) {
        return isLost() ? await NEVER : Promise.reject(error);
      }
    });
    tell = null;
    return transaction;
  }) as unknown as Sql['begin'];
}

type Work = (tx: TransactionSql) => unknown;

/** The library's own object; `reserved` is cleared when the connection closes. */
interface Connection {
  reserved: unknown;
}

interface Executed {
  onexecute?: (connection: Connection) => unknown;
}

const NEVER = new Promise<never>(() => {});

/** The transaction's `sql`, whose statements are refused once the connection is gone. */
function whileHeld(tx: TransactionSql, isLost: () => boolean): TransactionSql {
  return new Proxy(tx, {
    apply: (target, self, given: unknown[]) =>
      isStatement(given[0]) && isLost() ? refused() : Reflect.apply(target, self, given),
    get: (target, name) => {
      const value: unknown = Reflect.get(target, name);
      if (name !== 'unsafe') return value;
      return (...given: unknown[]) =>
        isLost() ? refused() : Reflect.apply(value as () => unknown, target, given);
    },
  });
}

function isStatement(strings: unknown): boolean {
  return Array.isArray(strings) && 'raw' in strings;
}

function refused(): Promise<never> {
  const error = Object.assign(new Error('the connection of this transaction is gone'), {
    code: 'CONNECTION_CLOSED',
  });
  return Promise.reject(error);
}
