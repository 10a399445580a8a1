import { expect, test } from 'vitest';
import { ARITY } from './filters.ts';

test('each filter takes as many arguments as Liquid and these pages document', () => {
  const taking = (least: number, most: number): string[] =>
    Object.entries(ARITY).flatMap(([name, [from, to]]) => (from === least && to === most ? [name] : []));
  expect(taking(0, 0).join(' ')).toBe(
    'abs capitalize ceil compact downcase first floor json last reverse size squish strip_html strip_newlines uniq upcase url_encode plural',
  );
  expect(taking(0, 1).join(' ')).toBe('join lstrip round rstrip sort strip sum list number percent');
  expect(taking(0, 2).join(' ')).toBe('date truncate truncatewords date_time time');
  expect(taking(1, 1).join(' ')).toBe(
    'append at_least at_most default map minus modulo plus prepend remove remove_first split times',
  );
  expect(taking(1, 2).join(' ')).toBe('divided_by replace replace_first slice where currency');
});
