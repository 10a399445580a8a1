import type { Cell } from '../cell/cell.ts';
import { COLUMNS, speciesOf, type Word } from '../crash/columns.ts';
import type { FaultRecord } from '../judge/evidence.ts';
import type { Finding } from '../judge/rules.ts';
import { categoryOf, type PlannedRequest } from '../load/plan.ts';

/**
 * A small story with one kind of trouble in it, told the same way every time, after which the judge speaks. Cheap: it
 * is what a mutant of the product is held against.
 */
export interface Scenario {
  name: string;
  /** Makes the trouble in a fresh cell. @returns what befell the cell, and what the judge cannot see by itself */
  play(cell: Cell): Promise<{ faults?: FaultRecord[]; findings?: Finding[] }>;
  /** How long everything may take to settle afterwards. */
  settleMs: number;
}

/** One critical message per class. @param word what the recipient commands */
export function* oneOfEach(
  word: Word,
  columns: readonly string[] = COLUMNS.map(({ name }) => name),
): Generator<PlannedRequest> {
  for (const column of COLUMNS.filter(({ name }) => columns.includes(name))) {
    const key = `${word}-${column.name}`.replaceAll(/[^\w]+/g, '-');
    const body = {
      to: column.to(word, key),
      content: column.content(key),
      channel: column.channel,
      priority: 'critical',
      category: categoryOf(column.policy),
      idempotency_key: key,
    };
    yield {
      environment: column.environment,
      items: [
        {
          key,
          species: speciesOf(column),
          priority: 'critical',
          policy: column.policy,
          body,
          sendInMs: null,
          ttlSeconds: null,
          cancelAfterMs: null,
          orderingKey: null,
        },
      ],
      isBatch: false,
      hangUpAfterMs: null,
      isRepeated: false,
    };
  }
}
