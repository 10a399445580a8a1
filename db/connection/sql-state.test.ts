import { expect, test } from 'vitest';
import { isTransient, sqlFailure } from './sql-state.ts';

const withCode = (code: string, cause?: Error): Error =>
  Object.assign(new Error('failed', { cause }), { code });

test.each([
  ['08006', 'unreachable'],
  ['CONNECTION_CLOSED', 'unreachable'],
  ['ECONNREFUSED', 'unreachable'],
  ['53100', 'unavailable'],
  ['53200', 'unavailable'],
  ['53300', 'unavailable'],
  ['58030', 'unavailable'],
  ['57P03', 'unavailable'],
  ['40P01', 'unavailable'],
  ['55P03', 'unavailable'],
  ['25006', 'read_only'],
  ['22P02', 'data'],
  ['22P05', 'data'],
  ['23505', 'data'],
  ['21000', 'data'],
  ['P0001', 'data'],
  ['42601', 'defect'],
  ['42501', 'defect'],
  ['ERR_INVALID_ARG_TYPE', 'defect'],
] as const)('%s is %s', (code, failure) => {
  expect(sqlFailure(withCode(code))).toBe(failure);
});

test('the cause of a wrapped error counts', () => {
  expect(sqlFailure(new Error('Failed query', { cause: withCode('53100') }))).toBe('unavailable');
});

test('only what may succeed later is transient', () => {
  expect(isTransient(withCode('25006'))).toBe(true);
  expect(isTransient(withCode('22P02'))).toBe(false);
  expect(isTransient(new TypeError('not a database error'))).toBe(false);
});
