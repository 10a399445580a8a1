import { expect, test } from 'vitest';
import type { LogFields } from './log.ts';
import { createOutageReport } from './outage-report.ts';

const failure = (code: string) => ({ code, sentence: `Redis says ${code}.` });

function reported() {
  const lines: string[] = [];
  let ms = 0;
  const note = (text: string, fields?: LogFields) => lines.push(fields?.reason ?? `${fields?.part}: ${text}`);
  const log = { info: note, warn: note };
  const report = createOutageReport(log, () => ms);
  return { lines, report, later: (by: number) => (ms += by) };
}

test('an outage that is seen every second is one line, and one more each minute', () => {
  const { lines, report, later } = reported();
  for (let second = 0; second < 125; second++) {
    report.found('Redis', failure('ECONNREFUSED'));
    later(1000);
  }
  expect(lines).toEqual(Array(3).fill('Redis says ECONNREFUSED.'));
});

test('another reason and the end of an outage are lines of their own; a part that was never unavailable has none', () => {
  const { lines, report } = reported();
  report.found('PostgreSQL', null);
  report.found('Redis', failure('ECONNREFUSED'));
  expect(report.isAny()).toBe(true);
  report.found('Redis', failure('WRONGPASS'));
  report.found('Redis', null);
  report.found('Redis', null);
  expect(report.isAny()).toBe(false);
  expect(lines).toEqual([
    'Redis says ECONNREFUSED.',
    'Redis says WRONGPASS.',
    'Redis: a server can be used again',
  ]);
});

test('every line says how long the part has been unavailable, also when the reason changes', () => {
  const away: unknown[] = [];
  let ms = 5_000;
  const note = (_: string, fields?: LogFields) => away.push(fields?.away_seconds);
  const report = createOutageReport({ info: note, warn: note }, () => ms);
  report.found('Redis', failure('ECONNREFUSED'));
  ms += 2_000;
  report.found('Redis', failure('WRONGPASS'));
  ms += 3_000;
  report.found('Redis', null);
  expect(away).toEqual([0, 2, 5]);
});

test('the repeated line of a lasting outage comes after a minute, not before', () => {
  const { lines, report, later } = reported();
  report.found('Redis', failure('ECONNREFUSED'));
  later(59_999);
  report.found('Redis', failure('ECONNREFUSED'));
  expect(lines).toHaveLength(1);
  later(1);
  report.found('Redis', failure('ECONNREFUSED'));
  expect(lines).toHaveLength(2);
});

test('the length of a long outage is exact to the second', () => {
  const away: unknown[] = [];
  let ms = 0;
  const note = (_: string, fields?: LogFields) => away.push(fields?.away_seconds);
  const report = createOutageReport({ info: note, warn: note }, () => ms);
  report.found('Redis', failure('ECONNREFUSED'));
  ms = 36_000_400;
  report.found('Redis', failure('ECONNREFUSED'));
  report.found('Redis', null);
  expect(away).toEqual([0, 36_000, 36_000]);
});
