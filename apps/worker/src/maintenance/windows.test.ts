import fc from 'fast-check';
import { expect, test } from 'vitest';
import { merged, type Stretch } from './windows.ts';

test('merged stretches cover the same time, apart from each other and in order', () => {
  const time = fc.integer({ min: 0, max: 60 });
  fc.assert(
    fc.property(fc.array(fc.tuple(time, time)), (stretches) => {
      const covers = (all: readonly Stretch[], at: number) => all.some(([from, to]) => from <= at && at < to);
      const result = merged(stretches);
      for (let at = 0; at <= 60; at++) expect(covers(result, at)).toBe(covers(stretches, at));
      for (const [index, [from]] of result.entries())
        if (index > 0) expect(from).toBeGreaterThan(result[index - 1]![1]);
    }),
  );
});
