import type { Outcome } from '@carillon/core/outcome';
import type { ProviderAccount } from '@carillon/providers/contract';
import { expect, test } from 'vitest';
import { endingOf } from './ending.ts';
import type { Claimed } from './steps.ts';

const claimed: Claimed = {
  id: '11111111-1111-8111-8111-111111111111',
  app_id: '22222222-2222-8222-8222-222222222222',
  environment: 'test',
  channel: 'sms',
  route: ['sms', 'email'],
  priority: 'normal',
  recipient_id: null,
  address: { phone: '+15005550006' },
  contact_points: null,
  template_id: null,
  template_version: null,
  locale: null,
  data: null,
  content: { text: 'Hi' },
  options: null,
  expires_at: null,
  attempt_count: 2,
  tries: 2,
  leaseToken: '33333333-3333-8333-8333-333333333333',
  expectedProvider: 'twilio',
  leaseEndsAt: 30_000,
  category: null,
  ordering_key: null,
  tried: null,
  preferences: null,
};
const message = { channel: 'sms', to: '+15005550006', text: 'Hi' } as const;
const account = (guarantee: 'A' | 'B'): ProviderAccount => ({
  id: 'twilio-eu',
  order: 10,
  adapter: {
    provider: 'twilio',
    channel: 'sms',
    guarantee,
    serves: () => true,
    send: async () => ({ class: 'accepted', providerMessageId: 'x' }),
    close: async () => {},
  },
});
const after = (outcome: Outcome, over: Partial<Claimed> = {}, guarantee: 'A' | 'B' = 'B') =>
  endingOf(
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

test('what the provider accepted is sent, under the account that took it', () => {
  const ending = after({ class: 'accepted', providerMessageId: 'SM1' });
  expect(ending).toMatchObject({
    state: 'sent',
    provider: 'twilio-eu',
    providerMessageId: 'SM1',
    n: 2,
    latencyMs: 7,
  });
});

test('what our own inbox took is delivered', () => {
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

test('a limit, a quota or a fault of our account costs no try and never kills', () => {
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
  expect(endingOf({ ...claimed, route: ['sms'] }, end, 0)).toMatchObject({
    state: 'failed',
    phase: 'started',
    outcome: 'rejected',
    errorCode: 'no_contact_point',
  });
});

test('what cannot be made now is a try like any other, at no account’s cost, up to the schedule of its category', () => {
  const unready = { kind: 'unready', code: 'attachment_unreachable', reason: 'r' } as const;
  const at = (tries: number, schedule?: number[]) =>
    endingOf({ ...claimed, tries }, { ...unready, schedule }, 0.5, { nextAccount: 'another' });
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
  expect(endingOf({ ...claimed, route: ['sms'], tries: 5 }, unready, 0.5)).toMatchObject({ state: 'dead' });
});
