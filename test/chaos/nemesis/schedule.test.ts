import { expect, test } from 'vitest';
import { createRandom } from '../load/random.ts';
import { FAULT_GROUPS } from './kinds.ts';
import { planFaults } from './schedule.ts';

const plan = (seed: number, count: number) =>
  planFaults(count, 60_000, createRandom(seed).fork('faults')).map(({ kind, ...rest }) => ({
    kind: kind.name,
    ...rest,
  }));

test('the same seed plans the same faults, another seed others', () => {
  expect(plan(7, 40)).toEqual(plan(7, 40));
  expect(plan(7, 40)).not.toEqual(plan(8, 40));
});

test('they come in order, within the span, and last as long as their kind allows', () => {
  const faults = planFaults(50, 60_000, createRandom(1));
  expect(faults.map(({ atMs }) => atMs)).toEqual(faults.map(({ atMs }) => atMs).sort((a, b) => a - b));
  for (const { atMs, kind, target, lastsMs } of faults) {
    expect(atMs).toBeLessThan(60_000);
    expect(kind.targets).toContain(target);
    expect(lastsMs).toBeGreaterThanOrEqual(kind.lastsMs[0]);
    expect(lastsMs).toBeLessThanOrEqual(kind.lastsMs[1]);
  }
});

test('a long run meets every kind of fault, a short one most groups', () => {
  const all = new Set(FAULT_GROUPS.flat());
  const long = planFaults(200, 60_000, createRandom(2));
  expect(new Set(long.map(({ kind }) => kind)).size).toBe(all.size);
  for (let seed = 1; seed <= 20; seed++) {
    const short = planFaults(6, 60_000, createRandom(seed));
    const groups = FAULT_GROUPS.filter((kinds) => short.some(({ kind }) => kinds.includes(kind)));
    expect(groups.length).toBeGreaterThanOrEqual(3);
  }
});
