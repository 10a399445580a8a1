import { expect, test } from 'vitest';
import { findFaults } from './ledger.ts';

test('what was accepted and never came is lost, what came again is doubled', () => {
  const arrivals = ['a', 'b', 'b', 'b'].map((id) => ({ id, atMs: 0 }));
  expect(findFaults(new Set(['a', 'b', 'c']), arrivals)).toEqual({ lost: 1, doubled: 2 });
});
