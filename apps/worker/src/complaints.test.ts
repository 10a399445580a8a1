import { createLog } from '@carillon/core/program/log';
import { expect, test } from 'vitest';
import { createComplaints } from './complaints.ts';

function complaining() {
  const written: string[] = [];
  let isOut = false;
  const log = createLog('worker', 'info', { write: (line) => written.push(line) });
  const complain = createComplaints(log, { isAny: () => isOut });
  const lines = () => written.map((line) => JSON.parse(line) as Record<string, unknown>);
  return { lines, flush: log.flush, complain, outage: (is: boolean) => (isOut = is) };
}

test('a failure each second for the same reason is one line, and a count; each step has its own', () => {
  const { lines, flush, complain } = complaining();
  for (let n = 0; n < 21; n++) complain({ work: 'sweep', notification_id: `n-${n}` }, new Error('a defect'));
  complain({ work: 'prune' }, new Error('a defect'));
  flush();
  expect(lines().map(({ work, notification_id, times }) => [work, notification_id, times])).toEqual([
    ['sweep', 'n-0', undefined],
    ['prune', undefined, undefined],
    ['sweep', 'n-20', 20],
  ]);
});

test('while a server is away, its own report has the reason, and nothing is logged here', () => {
  const { lines, complain, outage } = complaining();
  outage(true);
  complain({ work: 'rescue' }, new Error('no connection'));
  outage(false);
  complain({ work: 'rescue' }, new Error('a defect'));
  expect(lines()).toHaveLength(1);
});
