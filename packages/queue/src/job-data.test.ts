import { expect, test } from 'vitest';
import { parseJobData } from './job-data.ts';

const id = '0190b3f0-1111-7222-8333-444455556666';
const traceparent = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01';

test.each([
  { v: 1, id },
  { v: 1, ids: [id] },
] as const)('a traceparent beside %j is read, and without one there is none', (job) => {
  expect(parseJobData({ ...job, traceparent })).toEqual({ ...job, traceparent });
  expect(parseJobData(job)).toEqual(job);
});

test.each([null, 7, '', 'nonsense', `${traceparent}-x`, { traceparent }])(
  'a traceparent that is none (%j) is ignored: the work is done all the same',
  (wrong) => {
    expect(parseJobData({ v: 1, id, traceparent: wrong })).toEqual({ v: 1, id });
  },
);
