import type { GuaranteeClass } from '@carillon/core/provider/guarantee';
import type { Case } from './case.ts';
import type { LedgerEntry } from './evidence.ts';
import { classOf, type SecondCopy, secondCopyOf } from './guarantee-of.ts';
import type { Finding } from './rules.ts';

/** How second copies are judged. */
export interface Copies {
  findings: Finding[];
  /** Class C: the device shows the later one in place of the earlier. */
  replaced: number;
  /** By class of the first: the policy or a person accepted a possible duplicate. */
  chosen: GuaranteeClass[];
}

/**
 * Every copy after the first must be permitted by each acceptance before it. An acceptance that does not permit it is
 * the cause: whatever sent the later copy, the guarantee of that earlier provider had to prevent it.
 */
export function judgeCopies(each: Case): Copies {
  const result: Copies = { findings: [], replaced: 0, chosen: [] };
  for (const [k, copy] of each.copies.entries()) {
    if (k === 0) continue;
    const earlier = each.copies.slice(0, k);
    if (personAccepted(each, copy)) result.chosen.push(classOf(earlier[0]!.provider));
    else {
      const excuses = earlier.map((first) => ({ first, excuse: excuseOf(each, first, copy) }));
      const toBlame = excuses.find(({ excuse }) => excuse === 'never');
      const chosen = excuses.find(({ excuse }) => excuse === 'chosen');
      if (toBlame) result.findings.push(duplicated(each, toBlame.first, copy));
      else if (chosen) result.chosen.push(classOf(chosen.first.provider));
      else result.replaced++;
    }
  }
  return result;
}

function excuseOf(each: Case, first: LedgerEntry, copy: LedgerEntry): Exclude<SecondCopy, 'if told'> {
  const { policy, priority } = each.asked;
  const excuse = secondCopyOf(classOf(first.provider), policy, priority);
  if (excuse === 'if told') return policySentAgain(each, copy) ? 'chosen' : 'never';
  // Only a second copy on the same device replaces the first; on another way to the person it is one more message.
  return excuse === 'replaces' && first.provider !== copy.provider ? 'never' : excuse;
}

function policySentAgain({ history }: Case, copy: LedgerEntry): boolean {
  return history.some(
    ({ at, actor, detail }) =>
      actor === 'resolver' &&
      at <= copy.at &&
      detail?.decision === 'send_again' &&
      detail.settled_by === 'policy',
  );
}

function personAccepted({ history }: Case, copy: LedgerEntry): boolean {
  return history.some(({ at, detail }) => at <= copy.at && detail?.accept_duplicate_risk === true);
}

function duplicated({ asked }: Case, first: LedgerEntry, copy: LedgerEntry): Finding {
  const guarantee: GuaranteeClass = classOf(first.provider);
  const name = (entry: LedgerEntry) => `${entry.provider} (${entry.attemptId?.split('/')[1] ?? '?'})`;
  const why = `policy ${asked.policy}, ${asked.priority}: ${name(first)} had it, ${name(copy)} took it ${copy.at - first.at} ms later`;
  return { rule: 'duplicated', id: asked.id, why, guarantee };
}
