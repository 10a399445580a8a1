import type { Case } from './case.ts';
import type { Finding } from './rules.ts';

/** States in which a notification still blocks the younger ones of its key. */
const NOT_FINAL = new Set(['scheduled', 'pending', 'queued', 'sending', 'retrying', 'in_doubt']);

/** A doubt that waits for a person has left its ordering queue, because the wait has no known end. */
const holdsUp = ({ row }: Case): boolean => NOT_FINAL.has(row!.state) && !row!.isHeld;

/**
 * Of each ordering key, copies must come in the order in which the requests were accepted (the load sends the next
 * only after the answer to the one before), and none while an older one is not final.
 */
export function findOutOfOrder(cases: readonly Case[]): Finding[] {
  const findings: Finding[] = [];
  const lines = new Map<string, Case[]>();
  for (const each of cases) {
    const { orderingKey, environment } = each.asked;
    if (orderingKey === null || !each.row) continue;
    const key = `${environment} ${orderingKey}`;
    lines.set(key, [...(lines.get(key) ?? []), each]);
  }
  for (const line of lines.values()) findings.push(...overtakersIn(line));
  return findings;
}

function overtakersIn(line: readonly Case[]): Finding[] {
  const findings: Finding[] = [];
  let lastSeq = 0;
  let blocker: Case | undefined;
  for (const each of line) {
    const first = each.copies[0];
    if (first && blocker)
      findings.push(
        overtook(each, `sent while ${blocker.asked.id} before it was still ${blocker.row!.state}`),
      );
    else if (first && first.seq < lastSeq)
      findings.push(overtook(each, 'reached a provider before an older one'));
    if (first) lastSeq = Math.max(lastSeq, first.seq);
    if (holdsUp(each)) blocker ??= each;
  }
  return findings;
}

const overtook = ({ asked }: Case, why: string): Finding => ({
  rule: 'out_of_order',
  id: asked.id,
  why: `key ${asked.orderingKey}: ${why}`,
});
