import { expect, test } from 'vitest';
import { endOfBrokenStep } from './deliver.ts';

const failing = (code: string) => Object.assign(new Error(code), { code });

test.each([
  ['PostgreSQL is away', failing('CONNECTION_CLOSED'), false, { kind: 'unsent' }],
  ['a disk is full', failing('53100'), false, { kind: 'unsent' }],
  ['PostgreSQL refuses a value', failing('22P05'), false, { kind: 'impossible', code: 'unstorable' }],
  ['Carillon fails on it', new TypeError('of undefined'), false, { kind: 'unready', code: 'internal' }],
  ['the limiter breaks', new Error('Connection is closed.'), true, { kind: 'unsent' }],
])(
  'an exception because %s in a step before the call ends the attempt accordingly',
  (_, error, asksLimiter, end) => {
    expect(endOfBrokenStep(error, asksLimiter)).toMatchObject(end);
  },
);

test('a message that hits a defect is tried seven times, within an hour', () => {
  const end = endOfBrokenStep(new TypeError('of undefined'), false);
  const waits = 'schedule' in end ? end.schedule! : [];
  expect(waits).toHaveLength(6);
  expect(waits.reduce((sum, each) => sum + each)).toBeLessThan(3600);
});
