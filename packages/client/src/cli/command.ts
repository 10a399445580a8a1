import type { CarillonError } from '../carillon-error.ts';
import type { Terminal } from './terminal.ts';

/** One command of the command line. */
export interface Command {
  summary: string;
  usage: string;
  /** @returns the exit code. */
  run(args: string[], terminal: Terminal): Promise<number>;
}

/** The exit codes of commands. */
export const EXIT = { done: 0, refused: 1, usage: 2, noAnswer: 3, interrupted: 130 } as const;

/** Whether the same request may succeed later. */
export function passes({ status }: CarillonError): boolean {
  return status === null || status >= 500 || status === 429 || status === 408;
}
