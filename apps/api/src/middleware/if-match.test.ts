import { entityTag } from '@carillon/core/text/entity-tag';
import { expect, test } from 'vitest';
import { ifMatch } from './if-match.ts';

const view = (row: { n: number }) => ({ number: row.n });
const thrown = (run: () => unknown) => {
  try {
    run();
  } catch (error) {
    return error;
  }
  return null;
};

test('without the header there is no condition', () => {
  expect(ifMatch(undefined, view)).toBeUndefined();
});

test('the tag of what is there now is let through', () => {
  const check = ifMatch(entityTag({ number: 1 }), view)!;
  expect(() => check({ n: 1 })).not.toThrow();
});

test('another tag is a conflict with what is there now and its tag', () => {
  const check = ifMatch(entityTag({ number: 1 }), view)!;
  expect(thrown(() => check({ n: 2 }))).toMatchObject({
    code: 'conflict',
    current: { number: 2 },
    headers: { ETag: entityTag({ number: 2 }) },
  });
});

test('where nothing is there every condition is a conflict', () => {
  for (const header of ['*', '"x"'])
    expect(thrown(() => ifMatch(header, view)!(null))).toMatchObject({
      code: 'conflict',
      current: undefined,
    });
});

test('a header that is no tag is refused with what is', () => {
  expect(thrown(() => ifMatch('v1', view))).toMatchObject({
    code: 'invalid_request',
    errors: [{ path: 'If-Match', message: expect.stringContaining('with its quotes') }],
  });
});
