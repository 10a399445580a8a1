import type { Cell } from '../cell/cell.ts';
import { messageTo, requestsOf } from '../cell/message.ts';
import { COLUMNS, type Column, type Word } from '../crash/columns.ts';
import type { FaultRecord } from '../judge/evidence.ts';
import type { Finding } from '../judge/rules.ts';
import type { PlannedRequest } from '../load/plan.ts';

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
export function oneOfEach(
  word: Word,
  columns: readonly string[] = COLUMNS.map(({ name }) => name),
): PlannedRequest[] {
  return COLUMNS.filter(({ name }) => columns.includes(name)).flatMap((column) =>
    requestsOf(column, [
      messageTo(column, { key: `${word}-${column.name}`.replaceAll(/[^\w]+/g, '-'), word }),
    ]),
  );
}

export function columnNamed(name: string): Column {
  return COLUMNS.find((column) => column.name === name)!;
}
