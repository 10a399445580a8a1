import { expect, test } from 'vitest';
import { formatEntry } from './format.ts';

const entry = (reason: string) =>
  formatEntry({ at: '2026-11-21T10:15:30.123Z', status: 'sent', actor: 'api', reason } as never);

test.each([
  ['one line', 'one line'],
  ['two\nlines', 'two lines'],
  ['two \r\n  lines', 'two lines'],
  ['far \n \n\r\n apart', 'far apart'],
  ['ends\n', 'ends '],
  ['keeps  spaces  ', 'keeps  spaces  '],
])('the reason %j is written on one line', (reason, written) => {
  expect(entry(reason)).toBe(`2026-11-21 10:15:30.123  sent        ${written}`);
});

test('a megabyte of white space is printed in linear time', () => {
  expect(entry(`${' '.repeat(1_000_000)}x`)).toContain(' x');
});
