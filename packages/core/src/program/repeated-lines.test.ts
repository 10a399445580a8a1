import { expect, test } from 'vitest';
import { QUIET_MS, repeatedLines } from './repeated-lines.ts';

function repeating() {
  const written: string[] = [];
  let ms = 0;
  const lines = repeatedLines<{ level: 'warn'; text: string }>(
    ({ text }, times) => written.push(`${text} x${times}`),
    () => ms,
  );
  const take = (kind: string, text = kind) => lines.take(kind, { level: 'warn', text });
  return { lines, written, take, at: (now: number) => (ms = now) };
}

test('the first line of a kind is written at once, the next one after a minute stands for those between', () => {
  const { written, take, at } = repeating();
  take('a', 'first');
  for (let n = 0; n < 5; n++) take('a', `again ${n}`);
  take('b');
  at(QUIET_MS - 1);
  take('a');
  at(QUIET_MS);
  take('a', 'newest');
  take('a');
  expect(written).toEqual(['first x1', 'b x1', 'newest x7']);
});

test('ever new kinds use no more memory than a thousand of them: the oldest is forgotten, its count written', () => {
  const { written, take } = repeating();
  take('oldest');
  take('oldest');
  for (let n = 1; n < 1000; n++) take(`kind ${n}`);
  expect(written).toHaveLength(1000);
  take('one more');
  expect(written.slice(1000)).toEqual(['oldest x1', 'one more x1']);
  take('kind 1');
  expect(written).toHaveLength(1002);
  take('oldest');
  expect(written.slice(1002)).toEqual(['kind 1 x1', 'oldest x1']);
});

test('a kind that was written lately is not the oldest', () => {
  const { written, take, at } = repeating();
  take('long ago, and again');
  for (let n = 1; n < 1000; n++) take(`kind ${n}`);
  at(QUIET_MS);
  take('long ago, and again');
  take('one more');
  take('long ago, and again');
  expect(written.slice(1000)).toEqual(['long ago, and again x1', 'one more x1']);
});

test('a flush writes each count once', () => {
  const { lines, written, take } = repeating();
  for (const kind of ['a', 'a', 'a', 'b']) take(kind);
  lines.flush();
  lines.flush();
  expect(written).toEqual(['a x1', 'b x1', 'a x2']);
});
