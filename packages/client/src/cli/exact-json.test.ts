import { expect, test } from 'vitest';
import { parseExactly } from './exact-json.ts';

test.each([
  '{"id": 4634343214213523454}',
  '[9007199254740993]',
  '0.1234567890123456789012',
  '{"a": {"b": [1e400]}}',
  '-1.0000000000000000001',
])('a number that would be altered is refused: %s', (text) => {
  expect(() => parseExactly(text)).toThrow(/write it as a string/);
});

test.each([
  '{"id": "4634343214213523454", "n\\" 12345678901234567890": 1}',
  '[0, -0, 1.0, 1.10, 1e2, 1E+2, 0.1, 12.50e3, 9007199254740992, 1e21, 100000000000000000000, 5e-324]',
])('numbers that a double holds exactly are accepted: %s', (text) => {
  expect(parseExactly(text)).toEqual(JSON.parse(text));
});

test('invalid JSON is reported as such', () => {
  expect(() => parseExactly('{"a": 1 2}')).toThrow(/it is not JSON/);
});
