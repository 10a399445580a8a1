import { expect, test } from 'vitest';
import { DeadlineError } from '../notification/deadline.ts';
import { bareError, describeError, kindOfError } from './describe-error.ts';

const postgres = (code: string, message: string, more: object = {}) =>
  Object.assign(new Error(message), { name: 'PostgresError', code, ...more });

test('the innermost cause is described, with the classes and codes of those around it', () => {
  const root = postgres('23505', 'Key (name)=(Ann) exists', {
    constraint_name: 'recipients_pkey',
    table_name: 'recipients',
    column_name: 'name',
    detail: 'Key (name)=(Ann) already exists.',
  });
  const described = describeError(new Error('insert Ann', { cause: new TypeError('Ann', { cause: root }) }));
  expect(described).toMatchObject({
    error: 'PostgresError',
    code: '23505',
    constraint: 'recipients_pkey',
    table: 'recipients',
    column: 'name',
    causes: ['Error', 'TypeError', 'PostgresError 23505'],
  });
  expect(JSON.stringify(described)).not.toContain('Ann');
});

test.each([
  ['42703', 'column "category" does not exist', 'column "category" does not exist'],
  ['57014', 'canceling statement due to statement timeout', 'canceling statement due to statement timeout'],
  ['53100', 'could not extend file', 'could not extend file'],
  ['22P02', 'invalid input syntax for type uuid: "Ann"', undefined],
  ['23505', 'duplicate key value', undefined],
  ['P0001', 'Ann may not', undefined],
])('a message of PostgreSQL is shown where its class names no value: %s', (code, message, shown) => {
  expect(describeError(postgres(code, message)).text).toBe(shown);
  expect(describeError(Object.assign(new Error(message), { code })).text).toBeUndefined();
});

test('an own error says what it says', () => {
  expect(describeError(new DeadlineError(5))).toMatchObject({
    error: 'DeadlineError',
    text: 'no answer within 5 ms',
  });
});

test.each([
  [{ code: 'Ann Lee said' }, {}],
  [{ code: 7 }, { code: '7' }],
  [{ code: 491_511_234_567 }, {}],
  [{ code: 'cln_live_planted' }, { code: '[api key]' }],
  [{ message: undefined }, {}],
  [{ message: { length: 3 } }, {}],
  [{ name: 'Ann Lee' }, {}],
  [
    { name: 'ReplyError', message: 'WRONGPASS for Ann' },
    { error: 'ReplyError', code: 'WRONGPASS' },
  ],
  [{ status: 503, message: 'Ann' }, { http_status: 503 }],
  [{ statusCode: 429 }, { http_status: 429 }],
  [{ status: 7 }, {}],
  [{ constraint_name: 'of Ann' }, {}],
])('%j is kept as far as it is a name or a number', (given, kept) => {
  const { stack: _, ...described } = describeError(Object.assign(new Error('x'), given));
  expect(described).toEqual({ error: 'Error', ...kept });
});

test.each([['text'], [7], [null], [undefined], [{ message: 'Ann' }]])(
  '%j, which is no error, is named by its type',
  (thrown) => {
    expect(describeError(thrown)).toEqual({
      error: `no Error but a ${thrown === null ? 'null' : typeof thrown}`,
    });
  },
);

test('causes in a circle and endless causes end', () => {
  const circle = new Error('a');
  circle.cause = new Error('b', { cause: circle });
  expect(describeError(circle).causes).toEqual(['Error', 'Error']);
  let deep = new Error('root');
  for (let n = 0; n < 100; n++) deep = new Error('outer', { cause: deep });
  expect(describeError(deep).causes).toHaveLength(8);
  expect(bareError(circle)).toBeInstanceOf(Error);
});

test('members of an AggregateError are named with their codes', () => {
  const members = ['::1', '127.0.0.1'].map((at) => Object.assign(new Error(at), { code: 'ECONNREFUSED' }));
  const described = describeError(Object.assign(new AggregateError(members), { code: 'ECONNREFUSED' }));
  expect(described.causes).toEqual([
    'AggregateError ECONNREFUSED',
    'Error ECONNREFUSED',
    'Error ECONNREFUSED',
  ]);
});

test('the stack has the frames and nothing of the message, also where that imitates frames', () => {
  const error = new Error('Ann\n    at Ann (/home/Ann:1:2)\nAnn');
  expect(describeError(error).stack).toMatch(/^at /);
  expect(describeError(error).stack).not.toContain('Ann');
  const changed = new Error('Ann Lee (1)\n    at Ann Lee');
  changed.message = 'other';
  expect(describeError(changed).stack).not.toContain('Ann');
  expect(describeError(Object.assign(new Error('x'), { stack: undefined })).stack).toBeUndefined();
});

test('the kind of an error is the class and the code of its innermost cause, or the place it was made at', () => {
  const coded = Object.assign(new RangeError('y'), { code: 'E_X' });
  expect(kindOfError(new Error('x', { cause: coded }))).toBe('RangeError E_X');
  expect(kindOfError(new Error('x', { cause: new Error('y') }))).toMatch(
    /^Error .*describe-error\.test\.ts:\d+:\d+\)?$/,
  );
  expect(kindOfError('text')).toBe('no Error but a string');
});

test('a bare copy has classes, codes, causes, members and frames, and no text and no property', () => {
  const inner = Object.assign(new RangeError('Ann'), { code: 'E_X', recipient: 'Ann' });
  const bare = bareError(
    new AggregateError([inner], 'Ann', { cause: new DeadlineError(7) }),
  ) as AggregateError;
  expect(bare).toBeInstanceOf(AggregateError);
  expect([bare.name, bare.message]).toEqual(['AggregateError', '']);
  expect(bare.cause).toMatchObject({ name: 'DeadlineError', message: 'no answer within 7 ms' });
  expect(bare.errors).toMatchObject([{ name: 'RangeError', message: '', code: 'E_X' }]);
  expect(bare.errors[0].stack).toMatch(/^RangeError: \n {4}at /);
  expect(bare.errors[0]).not.toHaveProperty('recipient');
});
