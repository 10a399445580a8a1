import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { EQUIVALENT, type Equivalent } from './equivalent.ts';
import { type Mutation, mutationsOf } from './mutations.ts';

/** A mutation of one source of packages/core. */
export interface Mutant extends Mutation {
  /** Relative to the checkout. */
  file: string;
  /** Why no test can notice it; null for all others. */
  equivalent: string | null;
}

const ROOT = path.join(import.meta.dirname, '../..');
const CORE = 'packages/core/src';

/** @returns every mutant of packages/core, in the order of files and lines. */
export function mutantsOfCore(listed: readonly Equivalent[] = EQUIVALENT): Mutant[] {
  return readdirSync(path.join(ROOT, CORE), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts') && !name.endsWith('.test.ts'))
    .sort()
    .flatMap((name) => {
      const mutations = mutationsOf(readFileSync(path.join(ROOT, CORE, name), 'utf8'));
      const ofFile = listed.filter(({ file }) => file === name);
      return mutations.map((mutation) => ({
        ...mutation,
        file: `${CORE}/${name}`,
        equivalent: ofFile.find((each) => means(each, mutation, mutations))?.why ?? null,
      }));
    });
}

/** @returns whether an entry of the list is about this mutation. */
export function means(
  { text, change, nth }: Equivalent,
  mutation: Mutation,
  ofFile: readonly Mutation[],
): boolean {
  if (mutation.text !== text || changeOf(mutation) !== change) return false;
  if (nth === undefined) return true;
  const alike = ofFile.filter((each) => each.line === mutation.line && changeOf(each) === change);
  return alike.indexOf(mutation) === nth - 1;
}

export function changeOf({ from, to }: Pick<Mutation, 'from' | 'to'>): string {
  return `${from} -> ${to || 'nothing'}`;
}

/** @returns `count` of them (all, if there are fewer), drawn by the seed; the same seed draws the same. */
export function drawn<T>(all: readonly T[], count: number, seed: number): T[] {
  const random = mulberry32(seed);
  return all
    .map((value) => ({ value, key: random() }))
    .sort((a, b) => a.key - b.key)
    .slice(0, count)
    .map(({ value }) => value);
}

/** A small generator of numbers in [0, 1) that needs nothing but its seed. */
function mulberry32(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
