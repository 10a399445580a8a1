import { describe, expect, test } from 'vitest';
import { type ImportedLine, LINE_KINDS, type LineKind } from './imported-line.ts';
import {
  type Confirmed,
  type ImportEvidence,
  type ImportedPerson,
  type ImportSnapshot,
  judgeImport,
} from './imports.ts';

/** A row of each kind, the second one with a line break, behind the line that names the columns. */
const LINES: ImportedLine[] = LINE_KINDS.map((kind, n) => {
  const id = kind === 'repeated' ? 'unwilling' : kind.replaceAll(' ', '-');
  const line = n + (n > 1 ? 3 : 2);
  return { kind, id, n, line, endLine: n === 1 ? line + 1 : line };
});
const END = LINES.at(-1)!.endLine;
const lineOf = (kind: LineKind) => LINES.find((line) => line.kind === kind)!;

const person = (kind: LineKind, over: Partial<ImportedPerson> = {}): ImportedPerson => {
  const { id, n } = lineOf(kind);
  return {
    id,
    n,
    locale: kind.startsWith('put') || kind === 'changed later' ? 'de' : 'en',
    addresses: [{ address: `${id}@example.com`, isDisabled: kind === 'bounced' }],
    wantsNews: !['opted out', 'opts out', 'unwilling'].includes(kind),
    ...over,
  };
};
const PEOPLE: ImportedPerson[] = LINE_KINDS.filter(
  (kind) => !['flawed', 'repeated', 'erased later'].includes(kind),
).map((kind) => (kind === 'unwilling' ? person(kind, { n: lineOf('repeated').n }) : person(kind)));
const withPerson = (kind: LineKind, over: Partial<ImportedPerson>): ImportedPerson[] =>
  PEOPLE.map((each) => (each.id === lineOf(kind).id ? { ...each, ...over } : each));
const without = (kind: LineKind): ImportedPerson[] => PEOPLE.filter(({ id }) => id !== lineOf(kind).id);

const snapshot = (over: Partial<ImportSnapshot> = {}): ImportSnapshot => ({
  at: 90_000,
  isDone: true,
  position: END,
  read: LINES.length,
  failed: 1,
  created: 9,
  plain: 1,
  ...over,
});
const confirmed: Record<Confirmed, Set<string>> = {
  'opted out': new Set(['opted-out', 'opts-out']),
  put: new Set(['put', 'put-in-a-batch']),
  'changed later': new Set(['changed-later']),
  'erased later': new Set(['erased-later']),
};
const SUPPRESSED = new Set([
  'suppressed@example.com',
  'is-suppressed@example.com',
  'erased-later@example.com',
]);
const evidence = (over: Partial<ImportEvidence> = {}): ImportEvidence => ({
  id: 'the import',
  lines: LINES,
  snapshots: [snapshot()],
  flawed: [lineOf('flawed').line],
  people: PEOPLE,
  confirmed,
  suppressed: { confirmed: SUPPRESSED, present: SUPPRESSED },
  ...over,
});
const rules = (over: Partial<ImportEvidence> = {}) => judgeImport(evidence(over)).map(({ rule }) => rule);

test('every line stored or reported once, every wish as it was: nothing to find', () => {
  expect(rules()).toEqual([]);
});

describe('opted_in', () => {
  test.each(['opted out', 'opts out', 'unwilling'] as const)(
    'a person of the kind "%s" wants news',
    (kind) => {
      expect(rules({ people: withPerson(kind, { wantsNews: true }) })).toEqual(['opted_in']);
    },
  );

  test('the choice of one who opted out is gone', () => {
    expect(rules({ people: withPerson('opts out', { wantsNews: null }) })).toContain('opted_in');
  });

  test('one whose opt-out was not confirmed may want news', () => {
    const people = withPerson('opts out', { wantsNews: true });
    expect(rules({ people, confirmed: { ...confirmed, 'opted out': new Set(['opted-out']) } })).toEqual([]);
  });
});

describe('lifted', () => {
  test.each([...SUPPRESSED])('the suppression of %s is gone', (address) => {
    const present = new Set([...SUPPRESSED].filter((each) => each !== address));
    expect(rules({ suppressed: { confirmed: SUPPRESSED, present } })).toEqual(['lifted']);
  });

  test('an address that was disabled can be used', () => {
    const addresses = [{ address: 'bounced@example.com', isDisabled: false }];
    expect(rules({ people: withPerson('bounced', { addresses }) })).toEqual(['lifted']);
  });
});

describe('line_lost', () => {
  test.each(['plain', 'suppressed', 'put', 'repeated'] as const)('nobody has the id of a row: %s', (kind) => {
    expect(rules({ people: without(kind) })).toContain('line_lost');
  });

  test.each([
    ['the value of another row', { n: 0 }],
    ['no value', { n: null }],
    ['no address', { addresses: [] }],
    ['another address', { addresses: [{ address: 'x@example.com', isDisabled: false }] }],
    ['no choice', { wantsNews: null }],
  ])('a person of a row has %s', (_, over) => {
    expect(rules({ people: withPerson('plain', over) })).toEqual(['line_lost']);
  });

  test('of two rows of a person the second one counts', () => {
    const people = withPerson('unwilling', { n: lineOf('unwilling').n });
    expect(rules({ people })).toEqual(['line_lost']);
  });

  test('what a request put meanwhile is gone', () => {
    expect(rules({ people: withPerson('put', { locale: null }) })).toEqual(['line_lost']);
  });

  test('a plain row that is reported is not there at that moment', () => {
    expect(rules({ snapshots: [snapshot({ isDone: false, plain: 0 }), snapshot()] })).toEqual(['line_lost']);
  });

  test('a flawed line is not reported', () => {
    expect(rules({ flawed: [] })).toEqual(['line_lost']);
    expect(rules({ flawed: [2] })).toEqual(['line_lost']);
  });
});

describe('line_repeated', () => {
  const early = { isDone: false, position: 1, read: 0, failed: 0, created: 0, plain: 0 };

  test.each([
    ['a plain row is there before it is reported', { ...early, plain: 1 }],
    ['more rows are reported as read than the file has up to there', { ...early, read: 1 }],
    ['fewer rows are reported as read', { read: LINES.length - 1 }],
    ['more people are reported as new than there are rows', { created: 13 }],
    ['a plain row is not reported as new', { created: 0 }],
    ['a flawed row counts twice', { failed: 2 }],
    ['a flawed row does not count', { failed: 0 }],
  ])('%s', (_, over) => {
    expect(rules({ snapshots: [snapshot(over), snapshot()] })).toEqual(['line_repeated']);
  });

  test('nothing reported yet, and nothing there', () => {
    expect(rules({ snapshots: [snapshot(early), snapshot()] })).toEqual([]);
  });

  test('what came after the report is overwritten', () => {
    expect(rules({ people: withPerson('changed later', { locale: 'en' }) })).toEqual(['line_repeated']);
    expect(rules({ people: [...PEOPLE, person('erased later')] })).toEqual(['line_repeated']);
  });

  test('a person has two addresses', () => {
    const addresses = [...person('plain').addresses, { address: 'x@example.com', isDisabled: false }];
    expect(rules({ people: withPerson('plain', { addresses }) })).toEqual(['line_repeated']);
  });

  test('a flawed line is reported twice', () => {
    const { line } = lineOf('flawed');
    expect(rules({ flawed: [line, line] })).toEqual(['line_repeated']);
  });
});

describe('unfinished', () => {
  test('it was never seen, is not done, or ends before its file', () => {
    expect(rules({ snapshots: [] })).toEqual(['unfinished']);
    expect(rules({ snapshots: [snapshot({ isDone: false })] })).toEqual(['unfinished']);
    const short = snapshot({ position: END - 1, read: LINES.length - 1, plain: 0 });
    expect(rules({ snapshots: [short], people: without('plain') })).toEqual(['unfinished']);
  });
});
