import { type Doubt, type DoubtDecision, decideDoubt } from '@carillon/core/notification/doubt';
import { HELD_BACK, HELD_BACK_DOUBT_MS, holdsBack } from '@carillon/core/notification/restore';
import { acceptDoubt, deferDoubt, giveUpDoubt, resendDoubt } from '@carillon/db/doubts/decisions';
import type { DoubtRow } from '@carillon/db/doubts/take-doubts';
import type { RegisteredAccount } from '@carillon/providers/accounts/registry';
import { trace } from '@opentelemetry/api';
import { afterRestore } from './after-restore.ts';
import type { ResolveContext } from './context.ts';
import { factsOf } from './facts.ts';
import { lookUp } from './look-up.ts';
import { enteredBy, noteOf } from './note.ts';
import { prepareRepeat } from './prepare-repeat.ts';
import { repeat } from './repeat.ts';

/**
 * One look at one doubt: gather, decide, act. Queries the provider only where the decision requires it. Every statement
 * that moves something names the doubt's fence, so of two concurrent looks one moves it and the other finds it gone.
 */
export async function settle(taken: DoubtRow, ctx: ResolveContext): Promise<void> {
  await ctx.settings.upTo(taken.settings_version);
  const row = await afterRestore(taken, ctx);
  if (row === null) return;
  const account = ctx.accounts.find(({ id }) => id === row.provider);
  const settings = ctx.categories.settingsFor(row.app_id, row.environment, row.category);
  let facts = factsOf(row, account, settings);
  let decision = decideDoubt(facts);
  if (decision.do === 'look_up' && account) {
    facts = { ...facts, evidence: await lookUp(row, account, ctx) };
    decision = decideDoubt(facts);
  }
  if (decision.do === 'repeat' && account) {
    const obstacle = await tryRepeat(row, facts, decision.reason, account, ctx);
    if (obstacle === null) {
      trace.getActiveSpan()?.setAttribute('carillon.decision', 'repeat');
      return;
    }
    facts = { ...facts, obstacle };
    decision = decideDoubt(facts);
  }
  trace.getActiveSpan()?.setAttribute('carillon.decision', decision.do);
  await act(row, facts, decision, ctx);
}

/** @returns what prevents the call; null if it was made. */
async function tryRepeat(
  row: DoubtRow,
  facts: Doubt,
  reason: string,
  account: RegisteredAccount,
  ctx: ResolveContext,
): Promise<Doubt['obstacle']> {
  if (holdsBack(ctx.restore(), row.priority))
    return { why: HELD_BACK, until: facts.now + HELD_BACK_DOUBT_MS };
  const admission = ctx.breakers.admitsRepeat(account.id, row.id, row.repeats);
  if (!admission.admitted) return { why: admission.why, until: facts.now + admission.retryInMs };
  try {
    const prepared = await prepareRepeat(row, account, ctx);
    if (!prepared.ok) return prepared.obstacle;
    await repeat(row, facts, reason, prepared.call, ctx).finally(prepared.detach);
    return null;
  } finally {
    ctx.breakers.leftRepeat(row.id);
  }
}

async function act(row: DoubtRow, facts: Doubt, decision: DoubtDecision, ctx: ResolveContext): Promise<void> {
  const { sql, wake, onSettled, report } = ctx;
  switch (decision.do) {
    case 'mark_sent':
      return markSent(row, facts, decision, ctx);
    case 'send_again': {
      const { how, reason } = decision;
      if (!(await resendDoubt(sql, row, noteOf(row, facts, 'send_again', reason, how)))) return;
      onSettled(how);
      report.retried(row);
      return wake(row.priority);
    }
    case 'wait': {
      const { reason } = decision;
      const note = reason === row.last_wait ? null : noteOf(row, facts, 'wait', reason);
      await deferDoubt(sql, row, new Date(decision.until), note);
      return;
    }
    case 'hold': {
      const { reason } = decision;
      if (await deferDoubt(sql, row, null, noteOf(row, facts, 'hold', reason, 'held'))) onSettled('held');
      return;
    }
    case 'give_up': {
      const { code, reason } = decision;
      if (!(await giveUpDoubt(sql, row, code, noteOf(row, facts, 'give_up', reason, 'gave_up')))) return;
      report.entered(enteredBy(row, 'dead'));
      return onSettled('gave_up');
    }
    default:
      throw new Error(`nothing to be done after all: ${decision.do}`);
  }
}

/**
 * A message found by a search may meanwhile belong to another attempt: then it is not this one's, and the search goes
 * on.
 */
async function markSent(
  row: DoubtRow,
  facts: Doubt,
  { providerMessageId, reason }: Extract<DoubtDecision, { do: 'mark_sent' }>,
  { sql, onSettled, report }: ResolveContext,
): Promise<void> {
  const exclusive = facts.guarantee === 'B' && facts.lookupSettlesAt !== null && !row.receipt && !row.late;
  const note = noteOf(row, facts, 'mark_sent', reason, 'found');
  const settled = await acceptDoubt(sql, row, { providerMessageId, exclusive }, note);
  if (settled === 'sent') {
    report.entered(enteredBy(row, 'sent'));
    return onSettled('found');
  }
  if (settled === 'gone') return;
  const why = `the message that was found is another attempt's (${providerMessageId})`;
  await deferDoubt(sql, row, new Date(facts.now + 1000), noteOf(row, facts, 'wait', why));
}
