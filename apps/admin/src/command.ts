import type { ParseArgsOptionsConfig } from 'node:util';
import type { GivingContext } from '@carillon/services/context';
import type { LinkContext } from '@carillon/services/staff/link';
import type { Environment } from './config.ts';

/** The exit codes of commands; `doctor` has its own. */
export const EXIT = { done: 0, refused: 1, usage: 2, noAnswer: 3 } as const;

/** The input, output and environment of a command. Tests provide their own. */
export interface Terminal {
  /** To stdout and stderr. */
  out(text: string): void;
  err(text: string): void;
  stdin: AsyncIterable<Uint8Array>;
  /** Whether stdin is a terminal, where waiting for input would block forever. */
  isInteractive: boolean;
  env: Environment;
  /** The actor for the audit log: `carillon-admin (<user>@<host>)`. */
  actor: string;
}

/** The result of a command: the same for people and for programs. */
export interface Report {
  json: unknown;
  /** For people, a line each. */
  lines: string[];
  /** The exit code; 0 by default. */
  code?: number;
}

/** A parsed command line: options by name, and positional arguments. */
export interface Given {
  words: readonly string[];
  json: boolean;
  text(name: string): string | undefined;
  /** @throws UsageError if it is missing. @param what completes "--name is missing: ". */
  needed(name: string, what: string): string;
  list(name: string): string[];
  flag(name: string): boolean;
  /** @throws UsageError for anything but a whole number within the bounds. */
  whole(name: string, least: number, most: number): number | undefined;
}

/** The operator of the installation. */
export type AdminContext = GivingContext & LinkContext;

export interface Call {
  given: Given;
  terminal: Terminal;
  /** Opened by the first call; closed when the command has ended. @throws ConfigError. */
  services(): AdminContext;
}

/** One verb of the command line, with its description. */
export interface Verb {
  summary: string;
  /** The arguments after the name, and one line for each option. */
  usage: string;
  options: ParseArgsOptionsConfig;
  /** The number of positional arguments. */
  words: number;
  run(call: Call): Promise<Report>;
}

/** The command line is invalid; nothing was done. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}
