import type { Case } from './case.ts';
import { classOf, mayStayInDoubt } from './guarantee-of.ts';
import type { Finding } from './rules.ts';

/** What is still in doubt at the end: left to a person by the policy, or a broken guarantee. */
export function judgeDoubt(
  { asked, row, attempts }: Case,
  now: number,
): 'none' | 'left to a person' | Finding {
  if (row?.state !== 'in_doubt') return 'none';
  const account = attempts.at(-1)?.account ?? row.provider;
  if (!account) return { rule: 'in_doubt', id: asked.id, why: 'in doubt without an attempt' };
  const guarantee = classOf(account);
  const { policy, priority, expiresAt, isOfCancelled = false } = asked;
  const hasExpired = expiresAt !== null && expiresAt <= now;
  if (isOfCancelled) return 'left to a person';
  if (mayStayInDoubt({ guarantee, policy, priority, hasExpired })) return 'left to a person';
  const why = `${account}, policy ${asked.policy}, ${asked.priority}: ${row.error ?? 'no reason given'}`;
  return { rule: 'in_doubt', id: asked.id, why, guarantee };
}
