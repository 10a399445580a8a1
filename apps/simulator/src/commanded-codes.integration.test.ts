import { buildAccounts, type RegisteredAccount } from '@carillon/providers/accounts/registry';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { call, EMAIL, SMS } from '../../../test/contract/credentials.ts';
import { simulatorAccounts } from './simulator-accounts.ts';
import { type SimulatorUnderTest, simulatorUnderTest } from './under-test.ts';

let simulator: SimulatorUnderTest;
let accounts: RegisteredAccount[];
beforeEach(async () => {
  simulator = await simulatorUnderTest();
  accounts = await buildAccounts(simulatorAccounts({ ...simulator, tlsHost: '127.0.0.1' }), {
    storeInboxMessage: async () => true,
  });
});
afterEach(async () => {
  await Promise.all(accounts.map(({ adapter }) => adapter.close()));
  await simulator.end();
});

test.each([
  ['twilio', 400, '21612', { class: 'rejected', about: 'recipient', othersMayTake: true }],
  ['twilio', 400, '21704', { class: 'misconfigured', about: 'sender' }],
  ['twilio', 400, '99999', { class: 'rejected', othersMayTake: true }],
  [
    'ses',
    400,
    'BadRequestException: Configuration set <x> does not exist.',
    { class: 'misconfigured', code: 'configuration_set_missing' },
  ],
  ['resend', 422, 'invalid_from_address', { class: 'misconfigured', about: 'sender' }],
  ['sendgrid', 400, 'reply_to.email', { class: 'rejected', code: 'invalid_reply_to' }],
  ['postmark', 422, '406', { class: 'bad_recipient', code: 'error_406' }],
  ['postmark', 422, '400', { class: 'misconfigured', about: 'sender', code: 'error_400' }],
  ['postmark', 422, '405', { class: 'quota', code: 'error_405' }],
  ['termii', 400, 'Country Inactive', { class: 'rejected', code: 'country_inactive' }],
  ['smtp', 452, '4.2.2', { class: 'transient', about: 'recipient', code: '452 4.2.2' }],
  ['smtp', 550, '5.4.1', { class: 'rejected', about: 'recipient', code: '550 5.4.1' }],
])(
  'the simulator of %s answers with the commanded status %i and code: %s',
  async (provider, status, code, outcome) => {
    expect((await simulator.behave({ provider, status, code })).status).toBe(200);
    const { adapter } = accounts.find((account) => account.adapter.provider === provider)!;
    const message = adapter.channel === 'sms' ? SMS : EMAIL;
    expect(await adapter.send(message, call())).toMatchObject({ ...outcome, phase: 'answered' });
    expect(await simulator.ledger()).toEqual([]);
  },
);
