import { expect, test } from 'vitest';
import { selfTimes } from './self-time.ts';

const frame = (functionName: string, url = '') => ({ functionName, url, lineNumber: 9 });

test('self time counts each sample for the function it hit, and idle time for no function', () => {
  const times = selfTimes({
    nodes: [
      { id: 1, callFrame: frame('(idle)') },
      { id: 2, callFrame: frame('parse', 'file:///x/node_modules/@a/b/lib/p.js') },
      { id: 3, callFrame: frame('(garbage collector)') },
    ],
    samples: [1, 2, 2, 3],
    timeDeltas: [5_000, 1_000, 2_000, 500],
  });
  expect(times.busyMs).toBe(3.5);
  expect(times.byFunction[0]).toEqual(['parse @a/b/lib/p.js:10', 3]);
  expect(times.byPackage).toEqual([
    ['@a/b', 3],
    ['(garbage collector)', 0.5],
  ]);
});
