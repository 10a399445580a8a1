import { expect, test } from 'vitest';
import { ago, moment, stateBadge } from './elements.ts';

const now = new Date('2025-11-21T06:27:12Z');
const before = (seconds: number): Date => new Date(now.getTime() - seconds * 1000);

test('ages read in the largest unit that fits, backwards and forwards', () => {
  expect([2, 42, 60, 3599, 3600, 86_400 * 3].map((seconds) => ago(before(seconds), now))).toEqual([
    'just now',
    '42 s ago',
    '1 min ago',
    '59 min ago',
    '1 h ago',
    '3 d ago',
  ]);
  expect(ago(before(-7200), now)).toBe('in 2 h');
});

test('a time element carries the exact time for machines', () => {
  expect(String(moment(now, now))).toContain('datetime="2025-11-21T06:27:12.000Z"');
  expect(String(moment(null, now))).toContain('-');
});

test('a state shows its name, not only its colour', () => {
  expect(String(stateBadge('in_doubt'))).toBe('<span class="badge doubt">in doubt</span>');
});
