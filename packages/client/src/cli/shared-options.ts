import type { ParseArgsOptionsConfig } from 'node:util';
import { UsageError } from './usage-error.ts';

/** Options that every command has. */
export const SHARED_OPTIONS = {
  json: { type: 'boolean', default: false },
  url: { type: 'string' },
  data: { type: 'string' },
} as const satisfies ParseArgsOptionsConfig;

export const SHARED_USAGE = `  --json         one line of JSON per thing, for programs
  --url URL      instead of CARILLON_URL
  --data DIR     the data directory of a running "npm start -- --data DIR"`;

/** @returns milliseconds. */
export function secondsOption(name: string, text: string): number {
  const seconds = Number(text);
  if (/^\d+(\.\d+)?$/.test(text) && seconds >= 0.05 && seconds <= 3600) return seconds * 1000;
  throw new UsageError(`${name} is "${text}"; it must be a number of seconds from 0.05 to 3600`);
}

export function wholeOption(name: string, text: string, least: number, most: number): number {
  const number = Number(text);
  if (/^\d+$/.test(text) && number >= least && number <= most) return number;
  throw new UsageError(`${name} is "${text}"; it must be a whole number from ${least} to ${most}`);
}
