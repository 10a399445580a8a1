import { expect, test } from 'vitest';
import { decodeCursor, encodeCursor } from './list-cursor.ts';

const id = '0f8fad5b-d9cb-869f-a165-708677289501';

test('a cursor round-trips to the microsecond', () => {
  for (const createdAt of ['2025-11-21 06:27:12.123456+00', '2025-11-21 06:27:12+05:30']) {
    expect(decodeCursor(encodeCursor({ createdAt, id }))).toEqual({ createdAt, id });
  }
});

test.each([undefined, '', 'nonsense', encodeCursor({ createdAt: "'; drop table apps", id })])(
  'an invalid cursor begins at the start: %j',
  (text) => {
    expect(decodeCursor(text)).toBeNull();
  },
);

test('a time that does not exist is an invalid cursor', () => {
  expect(decodeCursor(encodeCursor({ createdAt: '2025-19-41 06:27:12+00', id }))).toBeNull();
});
