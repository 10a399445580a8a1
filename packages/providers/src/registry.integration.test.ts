import type { Message } from '@carillon/core/message';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { AccountSettings } from './account-settings.ts';
import { call, EMAIL, NOTIFICATION, push, SMS, subscription } from './proving/credentials.ts';
import { buildAccounts, type InboxEntry, type RegisteredAccount } from './registry.ts';
import { type SimulatorUnderTest, simulatorUnderTest } from './simulator/under-test.ts';
import { simulatorAccounts } from './simulator-accounts.ts';

let simulator: SimulatorUnderTest;
let accounts: RegisteredAccount[];
const stored: InboxEntry[] = [];
beforeAll(async () => {
  simulator = await simulatorUnderTest();
  const settings = simulatorAccounts({ ...simulator, tlsHost: '127.0.0.1' });
  accounts = buildAccounts(settings, { storeInboxMessage: async (entry) => void stored.push(entry) });
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

test('an account of every provider delivers to the simulator, which can tell whose message it was', async () => {
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
    'resend',
    'sendgrid',
    'ses',
    'smtp',
    'termii',
    'twilio',
    'web-push',
  ]);
  // Termii's wire has no place for an id.
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

test('what each channel tries first, and what only some accounts can carry', () => {
  const tried = (message: Message) =>
    accounts
      .filter(({ adapter }) => adapter.channel === message.channel && adapter.serves(message))
      .map(({ id }) => id);
  expect(tried(EMAIL)).toEqual(['resend', 'sendgrid', 'ses', 'smtp', 'generic-email']);
  expect(tried(SMS)).toEqual(['twilio', 'termii', 'generic-sms']);
  expect(tried(MESSAGES.fcm!)).toEqual(['fcm', 'generic-push']);
  expect(tried(MESSAGES['web-push']!)).toEqual(['web-push', 'generic-push']);
  expect(tried(MESSAGES.apns!)).toEqual(['apns', 'generic-push']);
  expect(tried(IN_APP)).toEqual(['inbox']);
});

test('an account that cannot be built is named', () => {
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
  const build = () => buildAccounts(settings, { storeInboxMessage: async () => {} });
  expect(build).toThrow(/provider account eu cannot be used: .*nowhere\.pem/);
});

test('settings decide order, rate and environments', () => {
  const [first, second] = buildAccounts(
    [
      { id: 'b', provider: 'inbox', environments: ['test'] },
      { id: 'a', provider: 'inbox', environments: ['live'], order: 1, ratePerSecond: 5 },
    ],
    { storeInboxMessage: async () => {} },
  );
  expect(first).toMatchObject({ id: 'a', order: 1, ratePerSecond: 5, environments: ['live'] });
  expect(second).toMatchObject({ id: 'b', order: 10, environments: ['test'] });
  expect(second).not.toHaveProperty('ratePerSecond');
});
