import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { createLog, type LogFields, type LoggedError } from './log.ts';
import { OwnError } from './own-error.ts';
import { suppressedLines } from './repeated-lines.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function logging(options: { least?: 'info' | 'error'; errorTexts?: 'own' | 'scrubbed' } = {}) {
  const written: string[] = [];
  const errors: LoggedError[] = [];
  const log = createLog('api', options.least ?? 'info', {
    write: (line) => written.push(line),
    onError: (logged) => errors.push(logged),
    errorTexts: options.errorTexts ?? 'own',
  });
  const lines = () => written.map((line) => JSON.parse(line) as Record<string, unknown>);
  return { log, written, lines, errors };
}

test('lines below the least level are left out, all others are one JSON object each', () => {
  const { log, written, lines } = logging();
  log.debug('d');
  log.info('i', { rows: 1 });
  log.warn('w');
  log.error('e');
  expect(written.every((line) => line.endsWith('}\n'))).toBe(true);
  expect(lines()).toMatchObject([
    { level: 'info', service: 'api', message: 'i', rows: 1 },
    { level: 'warn', message: 'w' },
    { level: 'error', message: 'e' },
  ]);
});

test('a field that is not listed does not compile, is not written, and is counted', () => {
  const { log, lines } = logging();
  // @ts-expect-error: no such field
  log.info('i', { recipient: 'Ann Lee', rows: 1 });
  const wide: LogFields & { constructor: unknown } = { constructor: 'Ann Lee', to: 'open' };
  log.info('i', wide);
  expect(JSON.stringify(lines())).not.toContain('Ann');
  expect(lines()).toMatchObject([
    { rows: 1, dropped_fields: 1 },
    { to: 'open', dropped_fields: 1 },
  ]);
});

test('a value of another type than the list says is not written', () => {
  const { log, lines } = logging();
  const wrong = { rows: 'Ann Lee', account: { name: 'Ann Lee' }, lanes: [{}], enabled: 1 } as object;
  log.info('i', wrong);
  expect(lines()).toEqual([
    { level: 'info', at: expect.any(String), service: 'api', dropped_fields: 4, message: 'i' },
  ]);
});

test('every text is scrubbed when it is written, also the message, ids and texts in lists', () => {
  const { log, lines } = logging();
  const private_ = 'to alice@example.com';
  log.warn(private_, { reason: private_, account: private_, roles: [private_] });
  expect(lines()).toMatchObject([
    { message: 'to [e-mail]', reason: 'to [e-mail]', account: 'to [e-mail]', roles: ['to [e-mail]'] },
  ]);
});

test('an id stays as it is although it looks random, unless it is a known kind of secret', () => {
  const { log, lines } = logging();
  const requestId = 'd41d8cd98f00b204e9800998ecf8427e';
  log.info('i', { request_id: requestId, event_id: 'ZHJvcC0xMDk5NDkxOS1MUnpYbF9OSFN0' });
  log.info('i', { request_id: 'cln_live_planted' });
  expect(lines()).toMatchObject([
    { request_id: requestId, event_id: 'ZHJvcC0xMDk5NDkxOS1MUnpYbF9OSFN0' },
    { request_id: '[api key]' },
  ]);
});

test('of an error from outside class, code and place are written, not what it says', () => {
  const { log, written, lines } = logging();
  const error = Object.assign(new TypeError('Ann Lee said violet'), { code: 'E_X', detail: 'Ann' });
  log.error('failed', { error, notification_id: '0192f7a0-1234-7abc-8def-012345678901' });
  expect(lines()).toMatchObject([
    { error: 'TypeError', code: 'E_X', notification_id: '0192f7a0-1234-7abc-8def-012345678901' },
  ]);
  expect(lines()[0]!.stack).toMatch(/^at .*log\.test\.ts:\d+:\d+/);
  expect(written.join()).not.toMatch(/Ann|violet/);
});

test('the code that a call gives wins over the one of the error', () => {
  const { log, lines } = logging();
  log.error('failed', { code: 'NO_ANSWER', error: Object.assign(new Error(''), { code: 'E_X' }) });
  expect(lines()).toMatchObject([{ code: 'NO_ANSWER' }]);
});

test('of an error of Carillon the message is written as well, and of all with LOG_ERROR_TEXT=scrubbed', () => {
  class Ours extends OwnError {}
  const { log, lines } = logging();
  log.error('failed', { error: new Ours('no answer within 5 ms') });
  const open = logging({ errorTexts: 'scrubbed' });
  open.log.error('failed', { error: new Error('to alice@example.com') });
  expect([lines()[0]!.text, open.lines()[0]!.text]).toEqual(['no answer within 5 ms', 'to [e-mail]']);
});

const failing = () => Object.assign(new Error('no'), { code: 'E_X' });

test('a repeated error is written at once, then once a minute with the number of errors it stands for', () => {
  const { log, lines, errors } = logging();
  const before = suppressedLines().error;
  for (let second = 0; second < 121; second++) {
    log.error('failed', { error: failing(), account: 'a' });
    vi.advanceTimersByTime(1000);
  }
  log.flush();
  expect(lines().map(({ times = 1 }) => times)).toEqual([1, 60, 60]);
  expect(errors.map(({ times }) => times)).toEqual([1, 60, 60]);
  expect(suppressedLines().error - before).toBe(118);
});

test('the count of errors that have ended is written too: within two minutes, or when the log is flushed', () => {
  const { log, lines } = logging();
  for (let n = 0; n < 3; n++) log.warn('failed', { error: failing() });
  vi.advanceTimersByTime(120_000);
  expect(lines().map(({ times = 1 }) => times)).toEqual([1, 2]);
  for (let n = 0; n < 4; n++) log.warn('other', { error: failing() });
  log.flush();
  log.flush();
  expect(lines().map(({ times = 1 }) => times)).toEqual([1, 2, 1, 3]);
  expect(vi.getTimerCount()).toBeLessThanOrEqual(1);
});

test('another level, message, code, class, account or step is another kind', () => {
  const { log, lines } = logging();
  log.warn('m', { error: failing() });
  log.error('m', { error: failing() });
  log.error('n', { error: failing() });
  log.error('n', { error: Object.assign(failing(), { code: 'E_Y' }) });
  log.error('n', { error: Object.assign(new RangeError(), { code: 'E_Y' }) });
  log.error('n', { error: failing(), account: 'a' });
  log.error('n', { error: failing(), account: 'b' });
  log.error('n', { error: failing(), work: 'sweep' });
  expect(lines()).toHaveLength(8);
});

test('errors without a code are of one kind if they come from one place, whatever they say', () => {
  const { log, lines } = logging();
  for (const text of ['a', 'b']) log.error('m', { error: new Error(text) });
  log.error('m', { error: new Error('a') });
  expect(lines()).toHaveLength(2);
});

test('lines without an error are never counted together: two breakers may open within a minute', () => {
  const { log, lines } = logging();
  for (let n = 0; n < 3; n++) log.error('a breaker opened', { account: 'a' });
  expect(lines()).toHaveLength(3);
});

test('what is logged as an error is also passed on, a warning and a line without an error are not', () => {
  const { log, errors } = logging();
  const error = failing();
  log.warn('w', { error });
  log.error('e');
  log.error('e', { error, lane: 'email-bulk' });
  expect(errors).toEqual([{ message: 'e', error, fields: { error, lane: 'email-bulk' }, times: 1 }]);
});

test('warnings below the least level are neither written nor counted', () => {
  const { log, lines } = logging({ least: 'error' });
  const before = suppressedLines().warn;
  for (let n = 0; n < 3; n++) log.warn('w', { error: failing() });
  expect([lines(), suppressedLines().warn - before]).toEqual([[], 0]);
});
