import type { Outcome } from '@carillon/core/provider/outcome';
import type { RegisteredAccount } from '@carillon/providers/accounts/registry';
import type { Call, Patience } from '@carillon/providers/contract';
import type { Sql } from 'postgres';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { laneContext } from '../../../../test/support/delivery-context.ts';
import type { Claimed } from './claimed.ts';
import { send } from './send.ts';

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
});
afterEach(() => {
  vi.useRealTimers();
});

const claimed = {
  id: 'n',
  attempt_count: 1,
  expires_at: null,
  leaseEndsAt: Number.POSITIVE_INFINITY,
  knownAt: Number.POSITIVE_INFINITY,
} as Claimed;
const message = { channel: 'email', to: 'ada@example.com', subject: 'Hi', text: 'Hi' } as const;
const DEADLINE_MS = 1000;

/** A server with this connection time and this answer time. It ends at its deadline, as adapters do. */
function slow(connectingMs: number, answeringMs: number, patience?: Patience): RegisteredAccount {
  const wait = (ms: number, signal: AbortSignal) =>
    new Promise<boolean>((resolve) => {
      const timer = setTimeout(() => resolve(true), ms);
      signal.addEventListener('abort', () => {
        clearTimeout(timer);
        resolve(false);
      });
    });
  const timedOut = (phase: 'started' | 'written'): Outcome => ({
    class: phase === 'started' ? 'transient' : 'in_doubt',
    code: 'timeout',
    message: 'late',
    phase,
  });
  const answer = async (_: unknown, { signal, mayWrite }: Call): Promise<Outcome> => {
    if (!(await wait(connectingMs, signal))) return timedOut('started');
    mayWrite?.();
    if (!(await wait(answeringMs, signal))) return timedOut('written');
    return { class: 'accepted', providerMessageId: 'x' };
  };
  return {
    id: 'relay',
    order: 1,
    weight: 1,
    environments: ['live'],
    adapter: {
      provider: 'smtp',
      channel: 'email',
      guarantee: 'D',
      ...(patience ? { patience } : {}),
      serves: () => true,
      send: answer,
      close: async () => {},
    },
  };
}

async function sendBy(account: RegisteredAccount): Promise<Outcome> {
  // The claim is current: nothing queries PostgreSQL.
  const sql = undefined as unknown as Sql;
  const context = laneContext({ sql, accounts: [account], sendTimeoutMs: DEADLINE_MS });
  const ending = send(context, claimed, message, account);
  await vi.runAllTimersAsync();
  const end = await ending;
  if (end.kind !== 'answered') throw new Error(`ended as ${end.kind}`);
  return end.outcome;
}

const PATIENCE: Patience = { startMs: 20_000, answerMs: 0, hangsAfterMs: 8000 };

test('a server with a slow greeting has time of its own, and the message its whole deadline afterwards', async () => {
  expect(await sendBy(slow(7000, 900, PATIENCE))).toMatchObject({ class: 'accepted' });
  expect(await sendBy(slow(7000, 1100, PATIENCE))).toMatchObject({ class: 'in_doubt', phase: 'written' });
  expect(await sendBy(slow(22_000, 0, PATIENCE))).toMatchObject({ class: 'transient', phase: 'started' });
});

test('an account may allow a longer answer', async () => {
  expect(await sendBy(slow(7000, 50_000, { ...PATIENCE, answerMs: 60_000 }))).toMatchObject({
    class: 'accepted',
  });
});

test('all other accounts have one deadline for the whole call', async () => {
  expect(await sendBy(slow(400, 500))).toMatchObject({ class: 'accepted' });
  expect(await sendBy(slow(1100, 0))).toMatchObject({ class: 'transient', phase: 'started' });
  expect(await sendBy(slow(600, 600))).toMatchObject({ class: 'in_doubt', phase: 'written' });
});
