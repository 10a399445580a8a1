import { groupCommit } from '@carillon/core/group-commit';
import type { Priority } from '@carillon/core/priority';
import { advanceOrder, type Line } from '@carillon/db/queries/advance-order';
import type { Sql } from 'postgres';

export interface AdvanceOptions {
  sql: Sql;
  wake(priority: Priority): void;
  onError(error: unknown): void;
}

/** Moves the line of an ordering key on. Calls made together share one statement; none of them rejects. */
export function createAdvance({ sql, wake, onError }: AdvanceOptions): (line: Line) => Promise<void> {
  const commit = async (asked: Line[]): Promise<undefined[]> => {
    const lines = new Map(
      asked.map((line) => [JSON.stringify([line.appId, line.environment, line.orderingKey]), line]),
    );
    const { priorities } = await advanceOrder(sql, [...lines.values()]);
    for (const priority of priorities) wake(priority);
    return asked.map(() => undefined);
  };
  const join = groupCommit(commit, { maxGroup: 250, maxInFlight: 1 });
  return (line) => join(line).catch(onError);
}
