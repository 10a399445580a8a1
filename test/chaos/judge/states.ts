import type { OutcomeClass } from '@carillon/core/provider/outcome';
import { type Case, wasDelivered } from './case.ts';
import type { Attempt, LedgerEntry } from './evidence.ts';
import { providerOf } from './guarantee-of.ts';
import type { Finding } from './rules.ts';
import { settlementsOf } from './settlements.ts';

/** Outcomes that say "certainly not accepted": a provider that has the message all the same proves them wrong. */
const CERTAINLY_NOT = new Set<OutcomeClass>([
  'transient',
  'throttled',
  'quota',
  'rejected',
  'bad_recipient',
  'misconfigured',
]);

const UNSENT_ENDS = new Set(['failed', 'dead', 'suppressed', 'skipped', 'cancelled', 'expired']);

/** Where database and providers contradict each other about one notification. */
export function findWrongStates(each: Case): Finding[] {
  const { asked, row, copies, attempts } = each;
  const wrong = (why: string): Finding => ({ rule: 'wrong_state', id: asked.id, why });
  if (!row) return copies.length > 0 ? [wrong(`${copies[0]!.provider} has it, the database has no row`)] : [];
  const findings: Finding[] = [];

  if (UNSENT_ENDS.has(row.state) && wasDelivered(each) && !endedByResolver(each))
    findings.push(wrong(`its state is ${row.state}, but ${copies[0]?.provider ?? 'the inbox'} has it`));
  if (row.state === 'failed' && !asked.refusable && !attempts.some(isRefusal))
    findings.push(wrong('failed although no provider refused it'));
  if (asked.cancelledAt !== null && row.state !== 'cancelled')
    findings.push(wrong(`its cancel was confirmed, but its state is ${row.state}`));
  for (const attempt of attempts) {
    if (attempt.outcome === null && row.state !== 'sending')
      findings.push(wrong(`attempt ${attempt.n} is still open, but its state is ${row.state}`));
    if (attempt.outcome === 'accepted' && !hasCopyOf(each, attempt))
      findings.push(
        wrong(`attempt ${attempt.n} is recorded as accepted, but ${attempt.account} has nothing`),
      );
  }
  for (const copy of copies) {
    const problem = contradiction(copy, attempts);
    if (problem) findings.push(wrong(problem));
  }
  return findings;
}

function contradiction(copy: LedgerEntry, attempts: readonly Attempt[]): string | null {
  const n = Number(copy.attemptId?.split('/')[1]);
  if (!n) return null;
  const attempt = attempts.find((one) => one.n === n);
  if (!attempt) return `${copy.provider} was called by attempt ${n}, which was never committed`;
  if (providerOf(attempt.account) !== copy.provider)
    return `${copy.provider} has attempt ${n}, which says it called ${attempt.account}`;
  if (attempt.outcome !== null && CERTAINLY_NOT.has(attempt.outcome))
    return `attempt ${n} is recorded as ${attempt.outcome}, but ${copy.provider} has it`;
  return null;
}

function hasCopyOf({ copies, inInbox }: Case, { account, n }: Attempt): boolean {
  const provider = providerOf(account);
  if (provider === 'inbox') return inInbox;
  return copies.some(
    (copy) => copy.provider === provider && (copy.attemptId === null || copy.attemptId.endsWith(`/${n}`)),
  );
}

const isRefusal = ({ outcome }: Attempt): boolean => outcome === 'rejected' || outcome === 'bad_recipient';

/** `at_most_once` ends a doubt as dead, and a receipt may report a bounce: then the provider did have it. */
function endedByResolver(each: Case): boolean {
  return settlementsOf(each).length > 0 || each.history.some(({ actor }) => actor.startsWith('receipt'));
}
