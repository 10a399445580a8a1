import { expect, test } from 'vitest';
import { storableJson } from './storable-json.ts';

const at = new Date(1_800_000_000_000);

test('texts at any depth, and names, become storable in PostgreSQL; all else stays as JSON.stringify has it', () => {
  const value = [
    { 'a\u0000': ['\ud83d', { b: 'c\u0000d' }], n: 1, none: null, left: undefined, at, well: '😀' },
  ];
  expect(JSON.parse(storableJson(value))).toEqual([
    { 'a\ufffd': ['\ufffd', { b: 'c\ufffdd' }], n: 1, none: null, at: at.toISOString(), well: '😀' },
  ]);
});

test('text that only looks like an escape is left alone', () => {
  const value = { text: 'the letters \\u0000 and \\ud83d' };
  expect(storableJson(value)).toBe(JSON.stringify(value));
});
