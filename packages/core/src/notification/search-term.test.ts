import { expect, test } from 'vitest';
import { searchTerm } from './search-term.ts';

const ID = '6b3f2c1e-0a4d-8c55-9b7e-112233445566';

test('an id is found in either case, alone, as the id of an attempt, and in a pasted link', () => {
  expect(searchTerm(` ${ID.toUpperCase()} `)).toMatchObject({ id: ID, attempt: null });
  expect(searchTerm(`${ID}/3`)).toMatchObject({ id: ID, attempt: 3 });
  expect(searchTerm(`https://carillon.example.com/notifications/${ID}?tab=html`)).toMatchObject({
    id: ID,
    attempt: null,
  });
  expect(searchTerm(ID.slice(1)).id).toBeNull();
});

test('an e-mail address is recognised in any spelling', () => {
  for (const text of [
    'ADA@Example.com',
    'Ada <ada@example.com>',
    'mailto:ada@EXAMPLE.com',
    ' ada@example.com ',
  ])
    expect(searchTerm(text).writtenTo, text).toEqual({ channel: 'email', address: 'ada@example.com' });
});

test('a phone number is recognised in any spelling, and with the plus sign that a query lost', () => {
  for (const text of ['+44 (0)7911 123456', '00447911123456', '447911123456', ' 447911123456'])
    expect(searchTerm(text).writtenTo, text).toEqual({ channel: 'sms', address: '+447911123456' });
});

test('a key is a text and no address', () => {
  for (const text of ['order_shipped', 'user_42', 'SM0123', '42'])
    expect(searchTerm(text), text).toMatchObject({ text, id: null, writtenTo: null });
});
