import type { Message } from '@carillon/core/notification/message';
import { simulatorAccounts } from '@carillon/simulator/simulator-accounts';
import { type SimulatorUnderTest, simulatorUnderTest } from '@carillon/simulator/under-test';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { call, EMAIL, NOTIFICATION, push, SMS, subscription } from '../../../../test/contract/credentials.ts';
import type { AccountSettings } from './account-settings.ts';
import { buildAccounts, type InboxEntry, type RegisteredAccount } from './registry.ts';

let simulator: SimulatorUnderTest;
let accounts: RegisteredAccount[];
const stored: InboxEntry[] = [];
beforeAll(async () => {
  simulator = await simulatorUnderTest();
  const settings = simulatorAccounts({ ...simulator, tlsHost: '127.0.0.1' });
  accounts = await buildAccounts(settings, { storeInboxMessage: async (entry) => stored.push(entry) > 0 });
});
afterAll(async () => {
  await Promise.all(accounts.map((account) => account.adapter.close()));
  await simulator.end();
});

const IN_APP: Message = {
  channel: 'in_app',
  appId: 'app',
  environment: 'test',
  recipientId: 'user_1',
  title: 'Hello',
  body: 'There',
};
const MESSAGES: Record<string, Message> = {
  resend: EMAIL,
  sendgrid: EMAIL,
  postmark: EMAIL,
  ses: EMAIL,
  smtp: EMAIL,
  'generic-email': EMAIL,
  twilio: SMS,
  termii: SMS,
  'generic-sms': SMS,
  fcm: push({ fcm_token: 'device-1' }),
  apns: push({ apns_token: 'apple-2' }),
  'web-push': push({ subscription: subscription('https://localhost/push/browser-1') }),
  'generic-push': push({ apns_token: 'apple-1' }),
  inbox: IN_APP,
};

test('an account of every provider delivers to the simulator, which can identify the message', async () => {
  for (const [n, account] of accounts.entries()) {
    const message = MESSAGES[account.id]!;
    expect(account.adapter.serves(message), account.id).toBe(true);
    const attempt = { ...call(), attemptId: `${NOTIFICATION}/${n + 1}` };
    expect(await account.adapter.send(message, attempt), account.id).toMatchObject({ class: 'accepted' });
  }
  const ledger = await simulator.ledger();
  expect(ledger.map(({ provider }) => provider).toSorted()).toEqual([
    'apns',
    'fcm',
    'generic',
    'generic',
    'generic',
    'postmark',
    'resend',
    'sendgrid',
    'ses',
    'smtp',
    'termii',
    'twilio',
    'web-push',
  ]);
  // Termii's API has no field for an id.
  for (const line of ledger) {
    expect(line.notification_id, line.provider).toBe(line.provider === 'termii' ? null : NOTIFICATION);
  }
  expect(stored).toEqual([
    {
      notificationId: NOTIFICATION,
      appId: 'app',
      environment: 'test',
      recipientId: 'user_1',
      title: 'Hello',
      body: 'There',
      url: null,
    },
  ]);
});

test('the order of accounts in each channel, and the messages that only some accounts can carry', () => {
  const tried = (message: Message) =>
    accounts
      .filter(({ adapter }) => adapter.channel === message.channel && adapter.serves(message))
      .map(({ id }) => id);
  expect(tried(EMAIL)).toEqual(['resend', 'sendgrid', 'postmark', 'ses', 'smtp', 'generic-email']);
  expect(tried(SMS)).toEqual(['twilio', 'termii', 'generic-sms']);
  expect(tried(MESSAGES.fcm!)).toEqual(['fcm', 'generic-push']);
  expect(tried(MESSAGES['web-push']!)).toEqual(['web-push', 'generic-push']);
  expect(tried(MESSAGES.apns!)).toEqual(['apns', 'generic-push']);
  expect(tried(IN_APP)).toEqual(['inbox']);
});

test('an account that cannot be built is named', async () => {
  const settings: AccountSettings[] = [
    {
      id: 'eu',
      provider: 'resend',
      environments: ['live'],
      credentials: { apiKey: 'k' },
      from: 'a@b.c',
      caFile: '/nowhere.pem',
    },
  ];
  const build = buildAccounts(settings, { storeInboxMessage: async () => true });
  await expect(build).rejects.toThrow(/provider account eu cannot be used: .*nowhere\.pem/);
});

test('settings decide order, rate and environments', async () => {
  const [first, second] = await buildAccounts(
    [
      { id: 'b', provider: 'inbox', environments: ['test'] },
      { id: 'a', provider: 'inbox', environments: ['live'], order: 1, ratePerSecond: 5 },
    ],
    { storeInboxMessage: async () => true },
  );
  expect(first).toMatchObject({ id: 'a', order: 1, ratePerSecond: 5, environments: ['live'] });
  expect(second).toMatchObject({ id: 'b', order: 10, environments: ['test'] });
  expect(second).not.toHaveProperty('ratePerSecond');
});
