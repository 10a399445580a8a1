import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { GroupFailure } from './bisect.ts';
import { groupCommit } from './group-commit.ts';

/** A commit that the test completes explicitly, so that nothing depends on timing. */
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

test('what arrives while a group is in flight goes into the next one, without a timer', async () => {
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

test('no group is larger than the limit and no more groups are in flight than allowed', async () => {
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

test('a group that fails rejects its own calls only, and the next group is committed', async () => {
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

  test('goes at once when it is full, and the rest keeps its deadline', async () => {
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

describe('a group with members that cannot be committed', () => {
  const isPoison = (item: number): boolean => item < 0;
  /** Refuses any group with a negative number in it, as one statement would. */
  function refusing(more: (items: number[], n: number) => void = () => {}) {
    const groups: number[][] = [];
    const commit = async (items: number[]): Promise<string[]> => {
      groups.push(items);
      more(items, groups.length);
      if (items.some(isPoison)) throw new Error('a value');
      return items.map((item) => `r${item}`);
    };
    return { groups, commit };
  }
  const failureOf = (error: unknown): GroupFailure =>
    (error as Error).message === 'a value'
      ? 'member'
      : (error as Error).message === 'away'
        ? 'server'
        : 'other';
  const endsOf = (results: Promise<string>[]) =>
    Promise.allSettled(results).then((ends) =>
      ends.map((end) => (end.status === 'fulfilled' ? end.value : (end.reason as Error).message)),
    );

  test('loses only those: one among a thousand costs twenty more statements', async () => {
    const { groups, commit } = refusing();
    const call = groupCommit(commit, { maxGroup: 1000, maxInFlight: 1, failureOf });
    const items = Array.from({ length: 1000 }, (_, n) => (n === 617 ? -1 : n));
    expect(await endsOf(items.map(call))).toEqual(items.map((n) => (n === -1 ? 'a value' : `r${n}`)));
    expect(groups.length).toBeLessThanOrEqual(1 + 2 * Math.ceil(Math.log2(1000)));
  });

  test('keeps the order of the others', async () => {
    const { groups, commit } = refusing();
    const call = groupCommit(commit, { maxGroup: 100, maxInFlight: 1, failureOf });
    await endsOf([1, 2, -3, 4, -5, 6, 7].map(call));
    expect(groups.filter((group) => !group.some(isPoison)).flat()).toEqual([1, 2, 4, 6, 7]);
  });

  test('keeps the result of a part when the server goes away during a later one, and sends no further statement', async () => {
    const { groups, commit } = refusing((items) => {
      if (items[0] === 3) throw new Error('away');
    });
    const call = groupCommit(commit, { maxGroup: 100, maxInFlight: 1, failureOf });
    const ends = await endsOf([1, -2, 3, 4, 5, 6, 7, 8].map(call));
    expect(ends).toEqual(['r1', 'a value', 'away', 'away', 'away', 'away', 'away', 'away']);
    expect(groups.map((group) => group.join())).toEqual([
      '1,-2,3,4,5,6,7,8',
      '1,-2,3,4',
      '1,-2',
      '1',
      '-2',
      '3,4',
    ]);
  });

  test('is not split where no member caused the failure', async () => {
    const { groups, commit } = refusing(() => {
      throw new Error('a missing table');
    });
    const call = groupCommit(commit, { maxGroup: 100, maxInFlight: 1, failureOf });
    expect(new Set(await endsOf([1, 2, 3].map(call)))).toEqual(new Set(['a missing table']));
    expect(groups).toHaveLength(1);
  });
});
