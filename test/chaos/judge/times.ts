import type { Case } from './case.ts';
import type { FaultRecord } from './evidence.ts';
import { coveredMs, wireHeldUp } from './held-up.ts';
import type { Finding } from './rules.ts';

/** A claim takes notifications due within 250 ms; all clocks are of one machine. */
const EARLY_MS = 300;
/** From the last check of `expires_at` to the time in the provider's ledger, on a busy machine. */
const LATE_MS = 1_000;

/** Sent too early, too late, or against a cancel. */
export function findWrongTimes(
  { asked, row, copies, attempts }: Case,
  faults: readonly FaultRecord[],
): Finding[] {
  const findings: Finding[] = [];
  const first = copies[0];
  if (!first) return findings;
  const found = (rule: Finding['rule'], why: string) => findings.push({ rule, id: asked.id, why });
  if (asked.sendAt !== null && first.at < asked.sendAt - EARLY_MS)
    found('too_early', `${asked.sendAt - first.at} ms before send_at`);
  if (row && first.at < row.createdAt)
    found('too_early', `${row.createdAt - first.at} ms before it was accepted`);
  if (asked.cancelledAt !== null)
    found(
      'after_cancel',
      `${first.provider} has it, ${first.at - asked.cancelledAt} ms after the cancel's answer`,
    );
  for (const copy of copies) {
    if (asked.expiresAt === null) break;
    const waited = coveredMs({ from: asked.expiresAt, to: copy.at }, wireHeldUp(faults));
    const lateMs = copy.at - asked.expiresAt - waited;
    const call = attempts.find(({ notificationId, n }) => `${notificationId}/${n}` === copy.attemptId);
    // A call written in time is recorded when a busy provider processes it: it cannot be recalled.
    const wasCalledInTime = (call?.calledAt ?? Number.POSITIVE_INFINITY) <= asked.expiresAt;
    if (lateMs > LATE_MS && !wasCalledInTime)
      found('too_late', `${copy.provider} took it ${lateMs} ms after expires_at`);
  }
  return findings;
}
