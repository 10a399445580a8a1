import type { OutcomeClass } from '@carillon/core/outcome';
import { STATES, type State } from '@carillon/core/states';
import { describe, expect, test } from 'vitest';
import { waysOut } from './ways-out.ts';

const NOW = new Date('2026-11-21T12:00:00Z');
const of = (state: State, outcomes: OutcomeClass[], expiresAt: Date | null = null) =>
  waysOut(
    {
      state,
      attemptCount: outcomes.length,
      expiresAt,
      attempts: outcomes.map((outcome, index) => ({ n: index + 1, outcome })),
    },
    NOW,
  );

describe('what a person is offered', () => {
  test.each(['dead', 'failed'] as const)('a %s one that certainly did not arrive is retried', (state) => {
    expect(of(state, ['in_doubt', 'transient'])).toEqual({ retry: true, sendAgain: false, markSent: false });
  });

  test.each(['dead', 'failed'] as const)(
    'a %s one that may have arrived is sent again knowingly',
    (state) => {
      expect(of(state, ['transient', 'in_doubt'])).toEqual({
        retry: false,
        sendAgain: true,
        markSent: false,
      });
    },
  );

  test('a doubt is settled or sent again knowingly, never simply retried', () => {
    expect(of('in_doubt', ['in_doubt'])).toEqual({ retry: false, sendAgain: true, markSent: true });
  });

  test('what has expired is not sent again, but what became of it can still be told', () => {
    const past = new Date(NOW.getTime() - 1);
    expect(of('in_doubt', ['in_doubt'], past)).toEqual({ retry: false, sendAgain: false, markSent: true });
    expect(of('dead', ['transient'], past)).toEqual({ retry: false, sendAgain: false, markSent: false });
    expect(of('dead', ['transient'], new Date(NOW.getTime() + 1)).retry).toBe(true);
  });

  test.each(STATES.filter((state) => !['dead', 'failed', 'in_doubt'].includes(state)))(
    'nothing while it is %s',
    (state) => {
      expect(of(state, ['in_doubt'])).toEqual({ retry: false, sendAgain: false, markSent: false });
    },
  );
});
