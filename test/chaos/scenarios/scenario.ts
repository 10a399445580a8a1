import type { Cell } from '../cell/cell.ts';
import { messageTo, requestsOf } from '../cell/message.ts';
import { COLUMNS, type Column, type Word } from '../crash/columns.ts';
import type { FaultRecord } from '../judge/evidence.ts';
import type { Finding } from '../judge/rules.ts';
import type { PlannedRequest } from '../load/plan.ts';

/**
 * A small deterministic sequence with one kind of fault, evaluated by the judge. Cheap: mutants of the product are
 * tested with it.
 */
export interface Scenario {
  name: string;
  /**
   * Causes the fault in a fresh cell. @returns the faults of the cell, and findings that the judge cannot derive itself
   */
  play(cell: Cell): Promise<{ faults?: FaultRecord[]; findings?: Finding[] }>;
  /** How long everything may take to settle afterwards. */
  settleMs: number;
  /** It changes what holds for a whole server: it gets servers that no other cell is on. */
  ownServers?: true;
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
