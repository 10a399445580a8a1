import { expect, test } from 'vitest';
import { QUIET_MS, repeatedLines, suppressedLines } from './repeated-lines.ts';

test('the first line of a kind is written at once, the next one stands for those between', () => {
  let now = 0;
  const lines = repeatedLines('warn', () => now);
  const before = suppressedLines().warn;
  expect(lines.admit('a')).toBe(1);
  for (let n = 0; n < 5; n++) expect(lines.admit('a')).toBeNull();
  expect(lines.admit('b')).toBe(1);
  now = QUIET_MS - 1;
  expect(lines.admit('a')).toBeNull();
  now = QUIET_MS;
  expect(lines.admit('a')).toBe(7);
  expect(lines.admit('a')).toBeNull();
  expect(suppressedLines().warn - before).toBe(7);
});

test('lines of another level are counted apart', () => {
  const before = { ...suppressedLines() };
  const lines = repeatedLines('error', () => 0);
  for (const kind of ['a', 'a']) lines.admit(kind);
  expect(suppressedLines()).toEqual({ warn: before.warn, error: before.error + 1 });
});

test('ever new kinds use no more memory than a thousand of them: the oldest are forgotten', () => {
  const lines = repeatedLines('warn', () => 0);
  for (let n = 0; n <= 1000; n++) expect(lines.admit(`kind ${n}`)).toBe(1);
  expect(lines.admit('kind 1')).toBe(1);
});

test('errors about many notifications or jobs are one kind, whatever ids they name; codes stay apart', () => {
  const lines = repeatedLines('warn', () => 0);
  const renewal = (id: string) => lines.admit(`lane push-critical could not renew lock for job ${id}`);
  expect(renewal('ece7b49a-d7b9-863b-9591-b1ae85f5f94a')).toBe(1);
  expect(renewal('29a8be63-7964-8bf0-9dcf-fe77a9843df4')).toBeNull();
  expect(renewal('29a8be63-7964-8bf0-9dcf-fe77a9843df4_again')).toBeNull();
  expect(lines.admit('requests 57014')).toBe(1);
  expect(lines.admit('requests 53300')).toBe(1);
});
