import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { groupCommit } from './group-commit.ts';

/** A commit that the test finishes by hand, so that nothing depends on time. */
function manual() {
  const groups: { items: number[]; finish(): void; fail(error: Error): void }[] = [];
  const commit = (items: number[]) =>
    new Promise<string[]>((resolve, reject) => {
      groups.push({ items, finish: () => resolve(items.map((item) => `r${item}`)), fail: reject });
    });
  return { groups, commit };
}

const turn = () => new Promise((resolve) => setImmediate(() => setImmediate(resolve)));

test('calls made in one turn share a group, and each gets its own result', async () => {
  const { groups, commit } = manual();
  const call = groupCommit(commit, { maxGroup: 100, maxInFlight: 1 });
  const results = [1, 2, 3].map(call);
  await turn();
  expect(groups.map((group) => group.items)).toEqual([[1, 2, 3]]);
  groups[0]!.finish();
  expect(await Promise.all(results)).toEqual(['r1', 'r2', 'r3']);
});

test('what arrives while a group is out goes into the next one, without a timer', async () => {
  const { groups, commit } = manual();
  const call = groupCommit(commit, { maxGroup: 100, maxInFlight: 1 });
  const first = call(1);
  await turn();
  const later = [call(2), call(3)];
  await turn();
  expect(groups).toHaveLength(1);
  groups[0]!.finish();
  await first;
  await turn();
  expect(groups[1]!.items).toEqual([2, 3]);
  groups[1]!.finish();
  await Promise.all(later);
});

test('no group is larger than the limit and no more groups are out than allowed', async () => {
  const { groups, commit } = manual();
  const call = groupCommit(commit, { maxGroup: 2, maxInFlight: 2 });
  const results = Promise.all([1, 2, 3, 4, 5].map(call));
  await turn();
  await turn();
  expect(groups.map((group) => group.items)).toEqual([
    [1, 2],
    [3, 4],
  ]);
  groups[0]!.finish();
  await turn();
  await turn();
  expect(groups[2]!.items).toEqual([5]);
  groups[1]!.finish();
  groups[2]!.finish();
  expect(await results).toHaveLength(5);
});

test('a group that fails rejects its own calls only, and the next group goes on', async () => {
  const { groups, commit } = manual();
  const call = groupCommit(commit, { maxGroup: 1, maxInFlight: 1 });
  const lost = call(1);
  const kept = call(2);
  await turn();
  groups[0]!.fail(new Error('connection lost'));
  await expect(lost).rejects.toThrow('connection lost');
  await turn();
  groups[1]!.finish();
  expect(await kept).toBe('r2');
});

describe('a group that gathers', () => {
  beforeEach(() => vi.useFakeTimers({ toFake: ['setTimeout'] }));
  afterEach(() => vi.useRealTimers());

  test('goes when its first call has waited long enough, with all that came meanwhile', async () => {
    const { groups, commit } = manual();
    const call = groupCommit(commit, { maxGroup: 100, maxInFlight: 1, gatherMs: 8 });
    void call(1);
    await turn();
    void call(2);
    vi.advanceTimersByTime(7);
    await turn();
    expect(groups).toHaveLength(0);
    vi.advanceTimersByTime(1);
    await turn();
    expect(groups.map((group) => group.items)).toEqual([[1, 2]]);
  });

  test('goes at once when it is full, and what is left over keeps its time', async () => {
    const { groups, commit } = manual();
    const call = groupCommit(commit, { maxGroup: 2, maxInFlight: 2, gatherMs: 8 });
    for (const item of [1, 2, 3]) void call(item);
    await turn();
    expect(groups.map((group) => group.items)).toEqual([[1, 2]]);
    vi.advanceTimersByTime(8);
    await turn();
    expect(groups.map((group) => group.items)).toEqual([[1, 2], [3]]);
  });

  test('that has waited behind another does not wait again', async () => {
    const { groups, commit } = manual();
    const call = groupCommit(commit, { maxGroup: 100, maxInFlight: 1, gatherMs: 8 });
    void call(1);
    vi.advanceTimersByTime(8);
    await turn();
    void call(2);
    vi.advanceTimersByTime(8);
    await turn();
    expect(groups).toHaveLength(1);
    groups[0]!.finish();
    await turn();
    await turn();
    expect(groups[1]!.items).toEqual([2]);
  });
});
