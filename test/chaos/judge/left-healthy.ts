import type { Finding } from './rules.ts';

/** The breaker of an account as it was seen. */
export interface BreakerSighting {
  account: string;
  state: string;
  /** Ms since the epoch. */
  changedAt: number;
  reason: string | null;
}

/**
 * An account was healthy between two checks: its breaker must be closed at both, and must not have moved in between.
 */
export function findLeftHealthy(
  before: readonly BreakerSighting[],
  after: readonly BreakerSighting[],
): Finding[] {
  return before.flatMap(({ account, changedAt }): Finding[] => {
    const now = after.find((each) => each.account === account);
    const finding = (why: string): Finding[] => [{ rule: 'left_healthy', id: account, why }];
    if (!now) return finding('its breaker is gone');
    if (now.state !== 'closed') return finding(`${now.state}: ${now.reason}`);
    return now.changedAt === changedAt ? [] : finding(`it moved and came back: ${now.reason}`);
  });
}
