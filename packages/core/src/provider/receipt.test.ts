import fc from 'fast-check';
import { expect, test } from 'vitest';
import { FINAL_STATES, mayMove, STATES, type State } from '../notification/states.ts';
import { PROOFS_OF_ACCEPTANCE, RECEIPT_KINDS, receiptMove } from './receipt.ts';

const RANK: Partial<Record<State, number>> = { sending: 0, in_doubt: 0, sent: 1, delivered: 2, failed: 3 };

test('every move of a receipt is in the transition table', () => {
  for (const kind of RECEIPT_KINDS)
    for (const state of STATES) {
      const to = receiptMove(kind, state);
      if (to) expect(mayMove(state, to), `${kind}: ${state} -> ${to}`).toBe(true);
    }
});

test('whatever order receipts come in, however often, no state ever moves backwards', () => {
  fc.assert(
    fc.property(fc.array(fc.constantFrom(...RECEIPT_KINDS)), (kinds) => {
      let state: State = 'sending';
      for (const kind of kinds) {
        const next: State = receiptMove(kind, state) ?? state;
        expect(RANK[next]!).toBeGreaterThanOrEqual(RANK[state]!);
        expect(receiptMove(kind, next) ?? next).toBe(next);
        state = next;
      }
    }),
  );
});

test('a receipt never reopens a final state: cancelled, expired, suppressed, skipped, dead and failed stay', () => {
  for (const state of FINAL_STATES.filter((each) => each !== 'sent' && each !== 'delivered'))
    for (const kind of RECEIPT_KINDS) expect(receiptMove(kind, state)).toBeNull();
});

test('any receipt for a message proves that the provider has it, except START and unrelated kinds', () => {
  expect(PROOFS_OF_ACCEPTANCE).toEqual(RECEIPT_KINDS.filter((kind) => kind !== 'opted_in'));
});
