import type { AccountSettings } from '@carillon/providers/accounts/account-settings';
import { buildAccounts, type RegisteredAccount } from '@carillon/providers/accounts/registry';
import { genericAdapter } from '@carillon/providers/generic/send';
import { resendAdapter } from '@carillon/providers/resend/send';
import { twilioAdapter } from '@carillon/providers/twilio/send';
import { simulatorAccounts } from '@carillon/simulator/simulator-accounts';
import { type SimulatorUnderTest, simulatorUnderTest } from '@carillon/simulator/under-test';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { answeringServer } from './answering-server.ts';
import { SECRET } from './credentials.ts';

const ASKED = [
  'resend',
  'sendgrid',
  'postmark',
  'ses',
  'smtp',
  'twilio',
  'termii',
  'fcm',
  'apns',
  'generic-sms',
];

let simulator: SimulatorUnderTest;
let accounts: RegisteredAccount[];
beforeAll(async () => {
  simulator = await simulatorUnderTest();
  const { httpUrl, tlsPort, caFile, smtpUrl } = simulator;
  const settings: AccountSettings[] = simulatorAccounts({
    httpUrl,
    tlsHost: '127.0.0.1',
    tlsPort,
    caFile,
    smtpUrl,
  }).filter(({ id }) => ASKED.includes(id));
  accounts = await buildAccounts(settings, { storeInboxMessage: async () => true });
});
afterEach(() => fetch(`${simulator.httpUrl}/behaviour`, { method: 'DELETE' }));
afterAll(async () => {
  await Promise.all(accounts.map(({ adapter }) => adapter.close()));
  await simulator.end();
});

const ask = (id: string) =>
  accounts.find((account) => account.id === id)!.adapter.probe!(AbortSignal.timeout(2000));

describe.each(ASKED)('%s', (id) => {
  test('is healthy, and asking sends nothing', async () => {
    expect(await ask(id)).toEqual({ healthy: true });
    expect(await simulator.ledger()).toEqual([]);
  });

  test.each([null, 503])('is not healthy in an outage (%s)', async (status) => {
    await simulator.behave({ provider: '*', mode: 'outage', status });
    // A keep-alive connection of SMTP that the outage did not break is greeted already: only a new one is refused.
    if (id === 'smtp') await accounts.find((account) => account.id === id)!.adapter.close();
    const answer = await ask(id);
    expect(answer).toMatchObject({ healthy: false, why: expect.stringMatching(/\w/) });
  });
});

describe('what the answer of a provider means', () => {
  const probed = async (
    answer: { status: number; body?: unknown },
    adapterAt: (
      url: string,
    ) =>
      | ReturnType<typeof genericAdapter>
      | ReturnType<typeof resendAdapter>
      | ReturnType<typeof twilioAdapter>,
  ) => {
    const server = await answeringServer();
    server.answers({ status: answer.status, body: JSON.stringify(answer.body ?? {}) });
    const adapter = adapterAt(server.url);
    const probe = await adapter.probe!(AbortSignal.timeout(2000));
    await Promise.all([adapter.close(), server.close()]);
    return probe.healthy;
  };
  const resend = (baseUrl: string) => resendAdapter({ apiKey: 're_x', from: 'a@acme.example', baseUrl });
  const twilio = (baseUrl: string) =>
    twilioAdapter({ accountSid: 'AC1', authToken: 'x', from: '+15005550006', baseUrl });
  const generic = (url: string) => genericAdapter({ channel: 'sms', url, secret: SECRET });

  test('a Resend key that may only send is valid, a wrong one is not', async () => {
    expect(await probed({ status: 401, body: { name: 'restricted_api_key' } }, resend)).toBe(true);
    expect(await probed({ status: 403, body: { name: 'invalid_api_key' } }, resend)).toBe(false);
  });

  test('a Twilio account that is suspended is not healthy although it answers', async () => {
    expect(await probed({ status: 200, body: { status: 'active' } }, twilio)).toBe(true);
    expect(await probed({ status: 200, body: { status: 'suspended' } }, twilio)).toBe(false);
    expect(await probed({ status: 401 }, twilio)).toBe(false);
  });

  test('a custom endpoint need not support the probe, but it must not reject the credentials', async () => {
    for (const status of [204, 404, 405]) expect(await probed({ status }, generic)).toBe(true);
    for (const status of [401, 429, 503]) expect(await probed({ status }, generic)).toBe(false);
  });
});
