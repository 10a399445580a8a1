import type { RegisteredAccount } from '@carillon/providers/registry';
import type { Sql } from 'postgres';
import { expect, test } from 'vitest';
import type { Admission } from '../breaker/breakers.ts';
import { createChoose } from './choose.ts';
import type { Claimed } from './steps.ts';

const message = { channel: 'sms', to: '+15005550006', text: 'Hi' } as const;
const claimed = (over: Partial<Claimed> = {}) =>
  ({
    id: 'n',
    channel: 'sms',
    route: ['sms'],
    priority: 'normal',
    environment: 'test',
    tried: null,
    ...over,
  }) as Claimed;
const OPEN: Admission = { admitted: false, state: 'open', why: 'open', retryInMs: 4000 };
const FULL: Admission = { admitted: false, state: 'half_open', why: 'on trial', retryInMs: 500 };
const FREE: Admission = { admitted: true, isTrial: false };
const TRIAL: Admission = { admitted: true, isTrial: true };

/** Chooses among accounts whose breakers answer so, in this order; the attempt already names whoever it takes. */
async function choose(breakers: Record<string, Admission>, over: Partial<Claimed> = {}) {
  const chosen: string[] = [];
  const step = createChoose({
    // Asked only to correct the name in the attempt, which none of these needs.
    sql: undefined as unknown as Sql,
    ableAccounts: () => Object.keys(breakers).map((id) => ({ id }) as RegisteredAccount),
    breakers: { admits: (account) => breakers[account]! },
    onChosen: ({ id }) => chosen.push(id),
    random: () => 0.5,
  });
  for (const expectedProvider of Object.keys(breakers)) {
    if (breakers[expectedProvider]?.admitted !== true) continue;
    const result = await step(claimed({ expectedProvider, ...over }), message).catch(() => null);
    if (result?.ok && result.account.id === expectedProvider) return { account: expectedProvider, chosen };
  }
  const result = await step(claimed(over), message);
  return { end: result.ok ? undefined : result.end, chosen };
}

test('takes the first account whose breaker lets it through, and names it for those to come', async () => {
  expect(await choose({ a: OPEN, b: FREE, c: FREE })).toEqual({ account: 'b', chosen: ['b'] });
});

test('a trial call is not what the next ones are to be named for', async () => {
  expect(await choose({ a: TRIAL, b: FREE })).toEqual({ account: 'a', chosen: [] });
});

test('who was tried in this round comes last', async () => {
  expect(await choose({ a: FREE, b: FREE }, { tried: ['a'] })).toMatchObject({ account: 'b' });
  expect(await choose({ a: FREE, b: OPEN }, { tried: ['a'] })).toMatchObject({ account: 'a' });
});

test('where all are open it waits until the earliest probe, and says for whom', async () => {
  const { end } = await choose({ a: OPEN, b: { ...OPEN, why: 'b is open', retryInMs: 9000 } });
  expect(end).toEqual({ kind: 'unsent', retryInMs: 4500, reason: 'waits: open; b is open' });
});

test('a critical one whose channel is closed off takes the next channel at once, others wait', async () => {
  const route = { route: ['sms', 'email'] } satisfies Partial<Claimed>;
  expect((await choose({ a: OPEN }, { ...route, priority: 'critical' })).end).toMatchObject({
    kind: 'elsewhere',
    nextChannel: 'email',
  });
  expect((await choose({ a: OPEN }, route)).end).toMatchObject({ kind: 'unsent' });
  expect((await choose({ a: OPEN }, { priority: 'critical' })).end).toMatchObject({ kind: 'unsent' });
});

test('a critical one waits the moment until a trial is free', async () => {
  const { end } = await choose({ a: FULL }, { route: ['sms', 'email'], priority: 'critical' });
  expect(end).toMatchObject({ kind: 'unsent', retryInMs: 1000 });
});

test('without any account it waits visibly for the operator', async () => {
  expect((await choose({})).end).toMatchObject({ kind: 'unsent', retryInMs: 60_000 });
});
