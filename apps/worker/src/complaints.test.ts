import { expect, test } from 'vitest';
import { createComplaints } from './complaints.ts';

function complaining() {
  const lines: [string, Record<string, unknown> | undefined][] = [];
  let ms = 0;
  let isOut = false;
  const log = { warn: (message: string, fields?: Record<string, unknown>) => lines.push([message, fields]) };
  const complain = createComplaints(log, { isAny: () => isOut }, () => ms);
  return { lines, complain, later: (by: number) => (ms += by), outage: (is: boolean) => (isOut = is) };
}

test('a failure each second for the same reason is one line in ten seconds, with a count', () => {
  const { lines, complain, later } = complaining();
  for (let second = 0; second < 21; second++) {
    complain('sweep failed, will try again', new Error('a defect'));
    later(1000);
  }
  expect(lines.map(([message, fields]) => [message, fields?.times])).toEqual([
    ['sweep failed, will try again', 1],
    ['sweep failed, will try again', 10],
    ['sweep failed, will try again', 10],
  ]);
});

test('while a server is away, its own report has the reason, and nothing is logged here', () => {
  const { lines, complain, outage } = complaining();
  outage(true);
  complain('rescue failed, will try again', new Error('no connection'));
  outage(false);
  complain('rescue failed, will try again', new Error('a defect'));
  expect(lines).toHaveLength(1);
});

test('a defect is logged with its stack, a transient failure without', () => {
  const { lines, complain } = complaining();
  complain('one', new Error('a defect'));
  complain('two', Object.assign(new Error('no'), { code: 'ECONNREFUSED' }));
  expect(lines.map(([, fields]) => 'stack' in (fields ?? {}))).toEqual([true, false]);
});
