import { STATES, type State } from '@carillon/core/notification/states';
import type { OutcomeClass } from '@carillon/core/provider/outcome';
import { describe, expect, test } from 'vitest';
import { resolutions } from './resolutions.ts';

/** It was passed to a provider, or has ended. */
const NO_MOVE = { cancel: false, reschedule: false };
const NOW = new Date('2026-11-21T12:00:00Z');
const of = (
  state: State,
  outcomes: OutcomeClass[],
  expiresAt: Date | null = null,
  redactedAt: Date | null = null,
) =>
  resolutions(
    {
      state,
      attemptCount: outcomes.length,
      expiresAt,
      redactedAt,
      attempts: outcomes.map((outcome, index) => ({ n: index + 1, outcome })),
    },
    NOW,
  );

describe('the offered actions', () => {
  test.each(['dead', 'failed'] as const)('a %s one that certainly did not arrive is retried', (state) => {
    expect(of(state, ['in_doubt', 'transient'])).toEqual({
      ...NO_MOVE,
      retry: true,
      sendAgain: false,
      markSent: false,
    });
  });

  test.each(['dead', 'failed'] as const)(
    'a %s one that may have arrived is sent again only with confirmation',
    (state) => {
      expect(of(state, ['transient', 'in_doubt'])).toEqual({
        ...NO_MOVE,
        retry: false,
        sendAgain: true,
        markSent: false,
      });
    },
  );

  test('a doubt is settled or sent again with confirmation, never simply retried', () => {
    expect(of('in_doubt', ['in_doubt'])).toEqual({
      ...NO_MOVE,
      retry: false,
      sendAgain: true,
      markSent: true,
    });
  });

  test.each(['dead', 'failed'] as const)('a %s one without content is not sent again', (state) => {
    const nothing = { ...NO_MOVE, retry: false, sendAgain: false, markSent: false };
    expect(of(state, ['transient'], null, NOW)).toEqual(nothing);
    expect(of(state, ['in_doubt'], null, NOW)).toEqual(nothing);
  });

  test('an expired one is not sent again, but its outcome can still be recorded', () => {
    const past = new Date(NOW.getTime() - 1);
    expect(of('in_doubt', ['in_doubt'], past)).toEqual({
      ...NO_MOVE,
      retry: false,
      sendAgain: false,
      markSent: true,
    });
    expect(of('dead', ['transient'], past)).toEqual({
      ...NO_MOVE,
      retry: false,
      sendAgain: false,
      markSent: false,
    });
    expect(of('dead', ['transient'], new Date(NOW.getTime() + 1)).retry).toBe(true);
  });

  test.each(STATES.filter((state) => !['dead', 'failed', 'in_doubt'].includes(state)))(
    'only moving, if anything, is offered while it is %s',
    (state) => {
      const isOpen = ['scheduled', 'pending', 'queued', 'retrying'].includes(state);
      const moves = { cancel: isOpen, reschedule: state === 'scheduled' };
      expect(of(state, ['in_doubt'])).toEqual({ retry: false, sendAgain: false, markSent: false, ...moves });
    },
  );
});
