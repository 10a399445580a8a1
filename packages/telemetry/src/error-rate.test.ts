import { expect, test } from 'vitest';
import { errorKey, errorOfFields } from './error-fields.ts';
import { errorRate } from './error-rate.ts';

test('a key is reported at once, then once a minute with the number since', () => {
  let now = 0;
  const rate = errorRate(() => now);
  expect([rate('a'), rate('b'), rate('a'), rate('a')]).toEqual([1, 1, 0, 0]);
  now = 59_999;
  expect(rate('a')).toBe(0);
  now = 60_000;
  expect([rate('a'), rate('a')]).toEqual([4, 0]);
});

test('a flood of keys is forgotten, not kept', () => {
  const rate = errorRate(() => 0);
  for (let n = 0; n < 1000; n++) rate(String(n));
  expect(rate('0')).toBe(0);
  rate('one more');
  expect(rate('0')).toBe(1);
});

test('errors from one place have one key, whatever their messages say', () => {
  const made = (message: string, code?: string) => Object.assign(new RangeError(message), { code });
  const [first, second] = ['a', 'b'].map((message) => errorKey(made(message)));
  expect(first).toBe(second);
  expect(errorKey(made('a', 'E'))).not.toBe(first);
  expect(errorKey(new RangeError('a'))).not.toBe(first);
});

test('an error of the log has the name, the code and the stack trace that were logged', () => {
  const stack = 'PostgresError: syntax\n    at query (/app/x.ts:1:2)';
  const error = errorOfFields({ error: 'syntax', code: '42601', stack })!;
  expect(error).toMatchObject({ name: 'PostgresError', message: 'syntax', code: '42601', stack });
  expect(errorOfFields({ error: 'text' })).toMatchObject({ name: 'Error', message: 'text' });
  expect(errorOfFields({ lanes: 3 })).toBeNull();
});
