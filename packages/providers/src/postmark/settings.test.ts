import { expect, test } from 'vitest';
import { parseAccounts } from '../accounts/account-settings.ts';

const problemsOf = (change: object) => {
  const account = {
    id: 'postmark',
    provider: 'postmark',
    environments: ['live'],
    credentials: { serverToken: 'a server token' },
    from: 'Acme <hello@acme.example>',
    ...change,
  };
  const read = parseAccounts([account]);
  return 'problems' in read ? read.problems : [];
};

test('a server token and a sender are enough', () => {
  expect(problemsOf({})).toEqual([]);
  expect(problemsOf({ messageStream: 'order-receipts', lookupSettlesMs: 60_000 })).toEqual([]);
});

test('the test token, which sends nothing, is refused', () => {
  expect(problemsOf({ credentials: { serverToken: 'POSTMARK_API_TEST' } })).toEqual([
    'accounts[0] (postmark).credentials.serverToken: must be the token of a server; POSTMARK_API_TEST sends nothing',
  ]);
});

test('a receipt secret has a user and a password, or no call of Postmark could match it', () => {
  expect(problemsOf({ receipts: { secrets: ['carillon:pass:word'] } })).toEqual([]);
  for (const secret of ['password', ':password', 'carillon:'])
    expect(problemsOf({ receipts: { secrets: [secret] } })).toEqual([
      'accounts[0] (postmark).receipts.secrets: must be user:password, as in the address that Postmark was given',
    ]);
});

test('a stream is named by its id', () => {
  for (const messageStream of ['Receipts', '1st', '', 'x'.repeat(31)])
    expect(problemsOf({ messageStream })).toEqual([
      'accounts[0] (postmark).messageStream: must be the id of a message stream such as outbound',
    ]);
});
