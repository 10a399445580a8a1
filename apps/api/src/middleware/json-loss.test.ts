import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { findLosses, isExact, scanJson } from './json-loss.ts';
import { checkStorable } from './storable.ts';

describe('a number is accepted if a double holds it exactly', () => {
  test.each([
    '0',
    '-0',
    '-0.0',
    '1',
    '1.0',
    '1.10',
    '1e2',
    '1E+2',
    '100e-2',
    '0e400',
    '0.1',
    '-12.50',
    '9007199254740991',
    '-9007199254740991',
    '1e21',
    '1.5e300',
    '0.30000000000000004',
    '5e-324',
    '1.7976931348623157e308',
    '123456789012345.0',
    '0.000000000000000000001',
  ])('%s', (source) => expect(isExact(source)).toBe(true));
});

describe('a number is refused if a double would alter it', () => {
  test.each([
    '4634343214213523454',
    '9007199254740993',
    '9007199254740992',
    '-9007199254740993',
    '100000000000000000000',
    '0.1234567890123456789012',
    '1e400',
    '-1e400',
    '1e-400',
    '1.00000000000000001',
    '9007199254740993.0',
    '9007199254740993e0',
    '1e99999999999999999999',
    '0.1000000000000000055511151231257827',
  ])('%s', (source) => expect(isExact(source)).toBe(false));
});

const paths = (text: string) => findLosses(text, 100).map(({ steps }) => steps.join('.'));

test.each([
  ['{"a":1,"a":2}', ['a']],
  ['{"a":1,"\\u0061":2}', ['a']],
  ['{"a":{"b":1,"c":[{"d":1},{"d":1,"d":2}],"b":3}}', ['a.c.1.d', 'a.b']],
  ['{"a":{"a":1},"b":{"a":1}}', []],
  ['{ "x" : "a\\":\\"" , "y\\\\" : [ 1 , 12345678901234567890 ] }', ['y\\.1']],
  ['{"a":"12345678901234567890","b":"\\"a\\":1,\\"a\\":2"}', []],
  ['[[1,2],[3,1e999]]', ['1.1']],
  ['{"":1,"":2}', ['']],
])('what is lost in %s is found at %j', (text, expected) => {
  expect(paths(text)).toEqual(expected);
});

/** The check of the body middleware before it walks a text. */
const looksLossless = (text: string): boolean => {
  const scan = scanJson(text);
  return !scan.hasDoubtfulNumber && scan.members === checkStorable(JSON.parse(text)).members;
};

const spaces = fc.constantFrom('', ' ', '\n  ', '\t');
const number = fc.oneof(
  fc.integer().map(String),
  fc.double({ noNaN: true, noDefaultInfinity: true }).map(String),
  fc.stringMatching(/^-?[1-9]\d{0,24}$/),
  fc.stringMatching(/^-?\d\.\d{1,24}$/),
  fc.stringMatching(/^[1-9]e-?[1-9]\d{0,2}$/),
);
const name = fc.constantFrom('a', 'b', 'c"', 'd\\', 'e:{', '\u00e9').map((text) => JSON.stringify(text));
const { value } = fc.letrec<{ value: string }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 5 },
    number,
    fc.constantFrom('true', 'false', 'null', '""', '"\\\\"', '"x:1,\\"y\\":2"', '"1234567890123456789"'),
    fc.array(tie('value'), { maxLength: 4 }).map((items) => `[${items.join(',')}]`),
    fc
      .array(fc.tuple(name, tie('value'), spaces), { maxLength: 4 })
      .map((members) => `{${members.map(([key, of, space]) => `${key}${space}:${space}${of}`).join(`,`)}}`),
  ),
}));

test('the cheap scan misses nothing that the exact one finds, and the exact one finds every loss', () => {
  fc.assert(
    fc.property(value, (text) => {
      const losses = findLosses(text, 1_000);
      if (looksLossless(text)) expect(losses).toEqual([]);
      const sources: [string, number][] = [];
      JSON.parse(text, ((_key: string, of: unknown, context: { source?: string }) => {
        if (typeof of === 'number') sources.push([context.source!, of]);
        return of;
      }) as (this: unknown, key: string, value: unknown) => unknown);
      // Members that a later duplicate replaced are not passed to a reviver.
      const numbers = losses.filter(({ message }) => message.includes('RFC 7493'));
      const inexact = sources.filter(([source]) => !isExact(source));
      expect(numbers.length).toBeGreaterThanOrEqual(inexact.length);
      if (losses.length === numbers.length) expect(numbers.length).toBe(inexact.length);
    }),
    { numRuns: 2_000 },
  );
});

test('the exact value of every number of up to 15 digits is kept', () => {
  fc.assert(
    fc.property(fc.stringMatching(/^-?(0|[1-9]\d{0,6})\.\d{1,8}$/), (source) => {
      expect(isExact(source)).toBe(true);
    }),
  );
});

test('a text of a million quotes, backslashes or digits is scanned in one pass', () => {
  const texts = [`"${'\\\\'.repeat(500_000)}"`, `"${'\\"'.repeat(500_000)}"`, `[${'9'.repeat(1_000_000)}]`];
  for (const text of texts) {
    expect(scanJson(text).members).toBe(0);
    findLosses(text, 1);
  }
});
