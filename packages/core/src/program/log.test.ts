import { expect, test } from 'vitest';
import { createLog, errorFields } from './log.ts';

test('lines below the least level are left out, all others are one JSON object each', () => {
  const lines: string[] = [];
  const log = createLog('api', 'info', (line) => lines.push(line));
  log.debug('d');
  log.info('i', { count: 1 });
  log.warn('w');
  log.error('e');
  expect(lines.every((line) => line.endsWith('}\n'))).toBe(true);
  expect(lines.map((line) => JSON.parse(line))).toMatchObject([
    { level: 'info', service: 'api', message: 'i', count: 1 },
    { level: 'warn', message: 'w' },
    { level: 'error', message: 'e' },
  ]);
});

test('what is logged as an error is also passed on, and nothing else is', () => {
  const errors: unknown[] = [];
  const log = createLog(
    'api',
    'info',
    () => {},
    (...args) => errors.push(args),
  );
  log.warn('w', { code: 1 });
  log.error('e', { code: 2 });
  expect(errors).toEqual([['e', { code: 2 }]]);
});

test('of an error the innermost cause is logged, without the query that it is wrapped in', () => {
  const root = Object.assign(new Error('refused'), { code: 'ECONNREFUSED' });
  const wrapped = new Error('insert into ...', { cause: new Error('query failed', { cause: root }) });
  expect(errorFields(wrapped)).toEqual({ error: 'refused', code: 'ECONNREFUSED', stack: root.stack });
  expect(errorFields(new Error('alone'))).toMatchObject({ error: 'alone' });
  expect(errorFields('text')).toEqual({ error: 'text' });
  expect(errorFields(new Error('wrapped', { cause: 'text' }))).toEqual({ error: 'text' });
});
