import { expect, test } from 'vitest';
import { EQUIVALENT } from './equivalent.ts';
import { applied, mutationsOf } from './mutations.ts';
import { changeOf, drawn, mutantsOfCore } from './sample.ts';

const changesOf = (source: string): string[] =>
  mutationsOf(source).map((mutation) => applied(source, mutation));

test('operators and constants are changed one at a time', () => {
  expect(changesOf('x = a < 1;')).toEqual(['x = a <= 1;', 'x = a >= 1;', 'x = a < 2;']);
  expect(changesOf('x = a === b && !c;')).toEqual([
    'x = a !== b && !c;',
    'x = a === b || !c;',
    'x = a === b && c;',
  ]);
  expect(changesOf('x ??= y ?? true; i++;')).toEqual([
    'x ??= y && true; i++;',
    'x ??= y ?? false; i++;',
    'x ??= y ?? true; i--;',
  ]);
});

test('an operator is found behind brackets and comments, and types are left alone', () => {
  expect(changesOf('x = (a) /* < */ > (b);')).toEqual(['x = (a) /* < */ >= (b);', 'x = (a) /* < */ <= (b);']);
  expect(changesOf('type A = 1 | true; const b: Array<2> = [] as 3[];')).toEqual([]);
});

test('a source that has changed meanwhile is not mutated', () => {
  const [mutation] = mutationsOf('a + b');
  expect(() => applied('a - b', mutation!)).toThrow('not at 2');
});

test('the same seed draws the same sample, another seed another one', () => {
  const all = Array.from({ length: 1_000 }, (_, k) => k);
  expect(drawn(all, 20, 7)).toEqual(drawn(all, 20, 7));
  expect(drawn(all, 20, 7)).not.toEqual(drawn(all, 20, 8));
  expect(new Set(drawn(all, 1_000, 7)).size).toBe(1_000);
});

test('packages/core has mutants, and every entry of the list of equivalent ones is about some', () => {
  const mutants = mutantsOfCore([]);
  expect(mutants.length).toBeGreaterThan(1_000);
  for (const { file, text, change, why } of EQUIVALENT) {
    const meant = mutants.filter(
      (mutant) => mutant.file.endsWith(`/${file}`) && mutant.text === text && changeOf(mutant) === change,
    );
    expect(meant.length, `${file}: ${change} in ${text}`).toBeGreaterThan(0);
    expect(why).not.toBe('');
  }
});
