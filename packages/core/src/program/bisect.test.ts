import { expect, test } from 'vitest';
import { bisect, type GroupFailure } from './bisect.ts';

const failing = (culprits: readonly number[], why: GroupFailure) => {
  const commits: number[][] = [];
  const commit = async (items: number[]): Promise<string[]> => {
    commits.push(items);
    if (items.some((item) => culprits.includes(item))) throw new Error(why);
    return items.map((item) => `stored ${item}`);
  };
  return { commits, run: (items: number[]) => bisect(items, commit, () => why) };
};
const told = (ends: Awaited<ReturnType<ReturnType<typeof failing>['run']>>) =>
  ends.map((end) => (end.ok ? end.result : 'failed'));

test('a group without a culprit is one commit', async () => {
  const { run, commits } = failing([], 'member');
  expect(told(await run([1, 2, 3]))).toEqual(['stored 1', 'stored 2', 'stored 3']);
  expect(commits).toEqual([[1, 2, 3]]);
});

test('a group with a failing member is halved until that member is alone; all others are stored, in order', async () => {
  const { run, commits } = failing([3], 'member');
  expect(told(await run([1, 2, 3, 4]))).toEqual(['stored 1', 'stored 2', 'failed', 'stored 4']);
  expect(commits).toEqual([[1, 2, 3, 4], [1, 2], [3, 4], [3], [4]]);
});

test('a group of an odd size has its smaller half first', async () => {
  const { run, commits } = failing([1], 'member');
  expect(told(await run([1, 2, 3]))).toEqual(['failed', 'stored 2', 'stored 3']);
  expect(commits).toEqual([[1, 2, 3], [1], [2, 3]]);
});

test('when the server fails, nothing more is tried', async () => {
  const { run, commits } = failing([1], 'server');
  expect(told(await run([1, 2, 3, 4]))).toEqual(Array(4).fill('failed'));
  expect(commits).toHaveLength(1);
});

test('when the cause is unknown, the part fails as a whole', async () => {
  const { run, commits } = failing([1], 'other');
  expect(told(await run([1, 2]))).toEqual(['failed', 'failed']);
  expect(commits).toHaveLength(1);
});
