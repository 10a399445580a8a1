import fc from 'fast-check';
import { expect, test } from 'vitest';
import { FINAL_STATES, mayMove, RARE_STATES, STATES, type State, sourcesOf, TRANSITIONS } from './states.ts';

const reachableFrom = (start: State): Set<State> => {
  const seen = new Set<State>([start]);
  for (const state of seen) for (const next of STATES.filter((to) => mayMove(state, to))) seen.add(next);
  return seen;
};

test('every state can be reached from an accepted notification', () => {
  const reachable = new Set([...reachableFrom('scheduled'), ...reachableFrom('pending')]);
  expect([...reachable].sort()).toEqual([...STATES].sort());
});

test('from every state a final one can be reached: nothing is stuck by construction', () => {
  for (const state of STATES)
    expect([...reachableFrom(state)].some((each) => FINAL_STATES.includes(each))).toBe(true);
});

test('cancelled, expired, suppressed and skipped notifications never move again', () => {
  for (const state of ['cancelled', 'expired', 'suppressed', 'skipped'] as const)
    expect(TRANSITIONS[state]).toEqual({});
});

test('a notification that is sent or in doubt is never sent again without a decision', () => {
  for (const state of ['sent', 'delivered'] as const) expect(mayMove(state, 'sending')).toBe(false);
  expect(TRANSITIONS.in_doubt.sending).toMatch(/^resolver: the same call again/);
});

test('a notification that is being sent can no longer be cancelled', () => {
  expect(sourcesOf('cancelled').sort()).toEqual(['pending', 'queued', 'retrying', 'scheduled']);
});

test('only rare states are indexed: none of the happy path', () => {
  for (const state of ['pending', 'queued', 'sending', 'sent', 'delivered'] as const)
    expect(RARE_STATES).not.toContain(state);
});

test('any walk along the table keeps receipts monotone: after delivered only a bounce may follow, until a person retries', () => {
  fc.assert(
    fc.property(fc.array(fc.nat()), (choices) => {
      let state: State = 'pending';
      let delivered = false;
      for (const choice of choices) {
        const ways = Object.keys(TRANSITIONS[state]) as State[];
        if (ways.length === 0) return;
        const next: State = ways[choice % ways.length]!;
        if (delivered) expect(['failed', 'pending', 'sending']).toContain(next);
        if (delivered && state !== 'failed') expect(next).toBe('failed');
        delivered = (next === 'delivered' || delivered) && next !== 'pending' && next !== 'sending';
        state = next;
      }
    }),
  );
});
