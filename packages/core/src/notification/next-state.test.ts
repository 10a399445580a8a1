import { expect, test } from 'vitest';
import type { Outcome } from '../provider/outcome.ts';
import type { CalledAccount } from './attempt-end.ts';
import { type Attempted, deliveryAfter, nextState } from './next-state.ts';

const claimed: Attempted = {
  id: '11111111-1111-8111-8111-111111111111',
  app_id: '22222222-2222-8222-8222-222222222222',
  environment: 'test',
  channel: 'sms',
  route: ['sms', 'email'],
  priority: 'normal',
  address: { phone: '+15005550006' },
  contact_points: null,
  attempt_count: 2,
  tries: 2,
  leaseToken: '33333333-3333-8333-8333-333333333333',
  expectedProvider: 'twilio',
  tried: null,
};
const message = { channel: 'sms', to: '+15005550006', text: 'Hi' } as const;
const account = (guarantee: 'A' | 'B'): CalledAccount => ({
  id: 'twilio-eu',
  adapter: { guarantee },
});
const after = (outcome: Outcome, over: Partial<Attempted> = {}, guarantee: 'A' | 'B' = 'B') =>
  nextState(
    { ...claimed, ...over },
    { kind: 'answered', outcome, account: account(guarantee), latencyMs: 7, message },
    0.5,
  );
const refused = (kind: Exclude<Outcome['class'], 'accepted'>, retryAfterMs?: number): Outcome => ({
  class: kind,
  code: 'c',
  message: 'm',
  phase: 'answered',
  ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
});

test('what the provider accepted is sent, under the account that accepted it', () => {
  const ending = after({ class: 'accepted', providerMessageId: 'SM1' });
  expect(ending).toMatchObject({
    state: 'sent',
    provider: 'twilio-eu',
    providerMessageId: 'SM1',
    n: 2,
    latencyMs: 7,
  });
});

test('what the built-in inbox accepted is delivered', () => {
  expect(after({ class: 'accepted', providerMessageId: 'x', delivered: true }).state).toBe('delivered');
});

test('a transient failure waits for its step of the schedule, or for what the provider asked', () => {
  expect(after(refused('transient'))).toMatchObject({ state: 'retrying', retryInMs: 120_000 });
  expect(after(refused('transient', 900_000))).toMatchObject({ retryInMs: 900_000 });
});

test('after its last try on the last channel a transient failure is dead', () => {
  const last = { tries: 5, attempt_count: 5, channel: 'email' } as const;
  expect(after(refused('transient'), last).state).toBe('dead');
});

test('a limit, a quota or a fault of the account uses no try and never ends the notification', () => {
  for (const kind of ['throttled', 'quota', 'misconfigured'] as const)
    expect(after(refused(kind), { tries: 5, attempt_count: 50 })).toMatchObject({
      state: 'retrying',
      refund: true,
    });
});

test('a permanent refusal goes to the next channel of the route, and fails on the last', () => {
  for (const kind of ['rejected', 'bad_recipient'] as const) {
    expect(after(refused(kind))).toMatchObject({
      state: 'pending',
      nextChannel: 'email',
      nextLane: 'email-normal',
    });
    expect(after(refused(kind), { channel: 'email' }).state).toBe('failed');
  }
});

test('a doubt is never retried or sent another way; a class-A provider’s keeps its message for the repeat', () => {
  expect(after(refused('in_doubt'))).toMatchObject({ state: 'in_doubt' });
  expect(after(refused('in_doubt'))).not.toHaveProperty('nextChannel');
  expect(after(refused('in_doubt'))).not.toHaveProperty('rendered');
  expect(after(refused('in_doubt'), {}, 'A')).toMatchObject({ state: 'in_doubt', rendered: message });
});

test('what cannot be sent at all is a refusal before any call', () => {
  const end = { kind: 'impossible', code: 'no_contact_point', reason: 'none' } as const;
  expect(nextState({ ...claimed, route: ['sms'] }, end, 0)).toMatchObject({
    state: 'failed',
    phase: 'started',
    outcome: 'rejected',
    errorCode: 'no_contact_point',
  });
});

test('a message that cannot be built now uses a try, blames no account, and ends with the schedule of its category', () => {
  const unready = { kind: 'unready', code: 'attachment_unreachable', reason: 'r' } as const;
  const at = (tries: number, schedule?: number[]) =>
    nextState({ ...claimed, tries }, { ...unready, schedule }, 0.5, { nextAccount: 'another' });
  expect(at(1)).toMatchObject({
    state: 'retrying',
    retryInMs: 30_000,
    phase: 'started',
    errorCode: unready.code,
  });
  expect(at(1)).not.toHaveProperty('refund');
  expect(at(1)).not.toHaveProperty('tried');
  expect(at(1, [7])).toMatchObject({ state: 'retrying', retryInMs: 7_000 });
  expect(at(2, [7])).toMatchObject({ state: 'pending', nextChannel: 'email' });
  expect(nextState({ ...claimed, route: ['sms'], tries: 5 }, unready, 0.5)).toMatchObject({ state: 'dead' });
});

test('the job of a notification that failed names state and code, and no text from outside', () => {
  const end = { kind: 'impossible', code: 'attachment_unreachable', reason: 'Ann.pdf' } as const;
  const next = nextState({ ...claimed, route: ['sms'] }, end, 0);
  expect(next.error).toContain('Ann.pdf');
  expect(deliveryAfter(next)).toEqual({
    now: 'stuck',
    reason: 'failed: attachment_unreachable: see its timeline',
  });
});
