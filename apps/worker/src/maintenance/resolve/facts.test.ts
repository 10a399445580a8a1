import type { DoubtRow } from '@carillon/db/doubts/take-doubts';
import type { ProviderAccount } from '@carillon/providers/contract';
import { expect, test } from 'vitest';
import { DEFAULT_SETTINGS } from '../../deliver/category-settings.ts';
import { factsOf } from './facts.ts';

const at = (seconds: number) => new Date(1_800_000_000_000 + seconds * 1000);
const row = (over: Partial<DoubtRow> = {}) =>
  ({
    priority: 'normal',
    provider: 'twilio',
    now: at(60),
    started_at: at(0),
    ended_at: at(10),
    expires_at: null,
    repeats: 0,
    resends: 0,
    receipt: null,
    late: null,
    ...over,
  }) as DoubtRow;
const settings = DEFAULT_SETTINGS;
const twilio = {
  id: 'twilio',
  adapter: { guarantee: 'B', lookup: { settlesAfterMs: 120_000 } },
} as unknown as ProviderAccount;
const facts = (over: Partial<DoubtRow>, account: ProviderAccount | undefined = twilio) =>
  factsOf(row(over), account, settings);
const accepted = { outcome: 'accepted', provider_message_id: 'SM1' };
const refused = { outcome: 'throttled', provider_message_id: null };

test('a lookup settles from the end of the call on, because it may have been written in its last moment', () => {
  expect(facts({}).lookupSettlesAt).toBe(at(10 + 120).getTime());
});

test('a late answer of acceptance is evidence, however often the call was repeated', () => {
  for (const repeats of [0, 3])
    expect(facts({ late: accepted, repeats }).evidence).toMatchObject({
      says: 'accepted',
      providerMessageId: 'SM1',
    });
});

test('a late refusal is evidence only of a call that was made once: of several calls it is unknown which it answers', () => {
  expect(facts({ late: refused }).evidence).toMatchObject({ says: 'refused' });
  expect(facts({ late: refused, repeats: 1 }).evidence).toBeNull();
});

test('a receipt weighs more than a late refusal', () => {
  const receipt = { kind: 'delivered', provider_message_id: 'SM2' };
  expect(facts({ receipt, late: refused }).evidence).toMatchObject({ providerMessageId: 'SM2' });
});

test('an account that is gone has no guarantees and cannot be queried', () => {
  const known = factsOf(row(), undefined, settings);
  expect(known).toMatchObject({ guarantee: null, lookupSettlesAt: null, evidence: { says: 'unknown' } });
});
