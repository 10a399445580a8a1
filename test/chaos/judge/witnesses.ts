import { type Case, casesOf } from './case.ts';
import type { Evidence } from './evidence.ts';
import type { Finding } from './rules.ts';

const SHOWN = 50;

/** Everything known about the notifications of the first findings, for debugging. */
export function witnessesOf(evidence: Evidence, findings: readonly Finding[]): Case[] {
  const ids = new Set(findings.map(({ id }) => id));
  return casesOf(evidence)
    .filter(({ asked }) => ids.has(asked.id))
    .slice(0, SHOWN);
}
