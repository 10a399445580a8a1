import { expect, test } from 'vitest';
import { deliver } from './deliver.ts';
import type { Claimed, Steps } from './steps.ts';

/** Steps of which each does nothing but let the next one go on, and what became of the memory for files. */
function stepsWith(over: Partial<Steps> = {}) {
  const held: string[] = [];
  const steps = {
    claim: async () => ({ ok: true, claimed: { id: '1' } as Claimed }),
    guard: async () => ({ ok: true, compose: () => ({}) }),
    render: async () => ({ ok: true, message: {} }),
    choose: async () => ({ ok: true, account: {} }),
    attach: async () => {
      held.push('taken');
      return { ok: true, message: {}, detach: () => held.push('given back') };
    },
    permit: async () => ({ ok: true, leave: () => {} }),
    send: async () => ({ kind: 'answered' }),
    record: async (_: Claimed, { kind }: { kind: string }) => {
      held.push(`recorded ${kind}`);
      return { now: 'settled', state: 'sent' };
    },
    ...over,
  } as unknown as Steps;
  return { held, steps };
}

test('the memory for files is held until the end is recorded, because the message is', async () => {
  const { held, steps } = stepsWith();
  await deliver('1', steps);
  expect(held).toEqual(['taken', 'recorded answered', 'given back']);
});

test.each<[string, Partial<Steps>, string]>([
  [
    'is not permitted',
    { permit: async () => ({ ok: false, end: { kind: 'unsent', retryInMs: 1, reason: 'r' } }) },
    'unsent',
  ],
  ['breaks before the call', { permit: () => Promise.reject(new Error('away')) }, 'unsent'],
])('an attempt that %s gives the memory back as well', async (_, over, end) => {
  const { held, steps } = stepsWith(over);
  await deliver('1', steps);
  expect(held).toEqual(['taken', `recorded ${end}`, 'given back']);
});

test('a call that breaks is nobody’s to take back: it is no unsent attempt, and its memory is free', async () => {
  const { held, steps } = stepsWith({ send: () => Promise.reject(new Error('bug')) });
  await expect(deliver('1', steps)).rejects.toThrow('bug');
  expect(held).toEqual(['taken', 'given back']);
});
