import type { State } from '@carillon/core/notification/states';
import type { GuaranteeClass } from '@carillon/core/provider/guarantee';
import { casesOf } from './case.ts';
import { judgeCopies } from './copies.ts';
import { judgeDoubt } from './doubts.ts';
import { findWrongEnvironments } from './environments.ts';
import type { Evidence, FaultRecord } from './evidence.ts';
import { type Figures, figuresOf } from './figures.ts';
import { coveredMs, workersHeldUp } from './held-up.ts';
import { judgeInboxes } from './inboxes.ts';
import { findLost } from './lost.ts';
import { findOutOfOrder } from './order.ts';
import type { Finding } from './rules.ts';
import { findUnwitnessed, SETTLED_BY, type SettledBy, settlementsOf } from './settlements.ts';
import { findWrongStates } from './states.ts';
import { findWrongTimes } from './times.ts';

/** How soon a loss of Redis must be declared. */
const NOTICE_MS = 10_000;

export interface Verdict {
  /** Empty: no rule was broken. */
  findings: Finding[];
  asked: number;
  accepted: number;
  /** Never answered; their rows, where they exist, are judged like the others. */
  unanswered: number;
  copies: number;
  states: Partial<Record<State, number>>;
  replaced: number;
  /** Second copies that the policy or a person chose, by the class of the first. */
  chosenCopies: Record<GuaranteeClass, number>;
  /** Doubts the policy leaves to a person. */
  leftToPeople: number;
  settled: Record<SettledBy, number>;
  forged: Evidence['forged'];
  figures: Figures;
}

/**
 * Pure: three sources of evidence in, a verdict out. Rules are sentences in rules.ts; every guarantee is data in
 * guarantee-of.ts.
 */
export function judge(evidence: Evidence): Verdict {
  const cases = casesOf(evidence);
  const verdict: Verdict = {
    findings: [
      ...findUnexpected(evidence),
      ...findOutOfOrder(cases),
      ...findSystemFaults(evidence),
      ...(evidence.inboxes ? judgeInboxes(evidence.inboxes) : []),
    ],
    asked: cases.length,
    accepted: 0,
    unanswered: 0,
    copies: evidence.ledger.length,
    states: {},
    replaced: 0,
    chosenCopies: { A: 0, B: 0, C: 0, D: 0 },
    leftToPeople: 0,
    settled: Object.fromEntries(SETTLED_BY.map((by) => [by, 0])) as Record<SettledBy, number>,
    forged: evidence.forged,
    figures: figuresOf(cases, evidence),
  };
  const { findings } = verdict;
  for (const each of cases) {
    const { asked, row } = each;
    if (asked.answer === 'accepted') verdict.accepted++;
    else if (asked.answer === 'unknown') verdict.unanswered++;
    else if (asked.answer !== 'too late') findings.push({ rule: 'refused', id: asked.id, why: asked.answer });
    // A client that hung up and asked again may be refused while its first request still waits for a lock. That one is then
    // stored, and expires: as was answered, nothing is sent.
    else if (row && row.state !== 'expired')
      findings.push({
        rule: 'refused',
        id: asked.id,
        why: `refused as too late, but it had been accepted and is ${row.state}`,
      });
    if (asked.otherId)
      findings.push({ rule: 'other_id', id: asked.id, why: `the repeat said ${asked.otherId}` });
    if (row) verdict.states[row.state] = (verdict.states[row.state] ?? 0) + 1;
    findings.push(
      ...findLost(each),
      ...findUnwitnessed(each),
      ...findWrongStates(each),
      ...findWrongEnvironments(each, evidence.accounts),
      ...findWrongTimes(each, evidence.faults),
    );
    const copies = judgeCopies(each);
    findings.push(...copies.findings);
    verdict.replaced += copies.replaced;
    for (const guarantee of copies.chosen) verdict.chosenCopies[guarantee]++;
    const doubt = judgeDoubt(each, evidence.now);
    if (doubt === 'left to a person') verdict.leftToPeople++;
    else if (doubt !== 'none') findings.push(doubt);
    for (const { by } of settlementsOf(each)) verdict.settled[by]++;
  }
  return verdict;
}

/** Unrequested messages: an acceptance without a known id, or rows without a request. */
function findUnexpected({ asked, ledger, rows, inbox }: Evidence): Finding[] {
  const known = new Set(asked.map(({ id }) => id));
  const unexpected = (id: string, why: string): Finding => ({ rule: 'unexpected', id, why });
  return [
    ...ledger
      .filter(({ notificationId }) => notificationId === null || !known.has(notificationId))
      .map(({ seq, provider, notificationId }) =>
        unexpected(notificationId ?? `ledger line ${seq}`, `${provider} took it`),
      ),
    ...rows
      .filter(({ id }) => !known.has(id))
      .map(({ id, state }) => unexpected(id, `a row that is ${state}`)),
    ...[...inbox].filter((id) => !known.has(id)).map((id) => unexpected(id, 'a message in an inbox')),
  ];
}

function findSystemFaults({ auditBrokenAt, outboxLeft, faults, forged }: Evidence): Finding[] {
  const findings: Finding[] = [];
  if (auditBrokenAt !== null)
    findings.push({ rule: 'audit', id: auditBrokenAt, why: 'its hash does not follow from the row before' });
  if (forged.taken > 0)
    findings.push({
      rule: 'forged',
      id: 'receipts',
      why: `${forged.taken} were answered as if they were true`,
    });
  if (outboxLeft > 0)
    findings.push({ rule: 'lost', id: 'outbox', why: `${outboxLeft} rows still wait for the relay` });
  return [...findings, ...faults.flatMap((fault) => judgeNotice(fault, faults))];
}

/** Time in which no worker could have detected it does not count. */
function judgeNotice(fault: FaultRecord, faults: readonly FaultRecord[]): Finding[] {
  const { kind, target, to, noticedAfterMs } = fault;
  if (noticedAfterMs === undefined) return [];
  const unnoticed = (why: string): Finding[] => [{ rule: 'loss_unnoticed', id: `${kind} ${target}`, why }];
  if (noticedAfterMs === null) return unnoticed('no new epoch at all');
  const others = workersHeldUp(faults.filter((other) => other !== fault));
  const ownMs = noticedAfterMs - coveredMs({ from: to, to: to + noticedAfterMs }, others);
  return ownMs > NOTICE_MS ? unnoticed(`a new epoch after ${ownMs} ms`) : [];
}
