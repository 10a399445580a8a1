import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { AccountSettings } from './account-settings.ts';
import { resendAdapter } from './email/resend.ts';
import { genericAdapter } from './http/generic.ts';
import { answeringServer } from './proving/answering-server.ts';
import { SECRET } from './proving/credentials.ts';
import { buildAccounts, type RegisteredAccount, simulatorAccounts } from './registry.ts';
import { type SimulatorUnderTest, simulatorUnderTest } from './simulator/under-test.ts';
import { twilioAdapter } from './sms/twilio.ts';

const ASKED = ['resend', 'sendgrid', 'ses', 'smtp', 'twilio', 'termii', 'fcm', 'apns', 'generic-sms'];

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
  accounts = buildAccounts(settings, { storeInboxMessage: async () => {} });
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

  test('a Resend key that may only send is a good key, a wrong one is not', async () => {
    expect(await probed({ status: 401, body: { name: 'restricted_api_key' } }, resend)).toBe(true);
    expect(await probed({ status: 403, body: { name: 'invalid_api_key' } }, resend)).toBe(false);
  });

  test('a Twilio account that is suspended is not healthy although it answers', async () => {
    expect(await probed({ status: 200, body: { status: 'active' } }, twilio)).toBe(true);
    expect(await probed({ status: 200, body: { status: 'suspended' } }, twilio)).toBe(false);
    expect(await probed({ status: 401 }, twilio)).toBe(false);
  });

  test('an endpoint of your own need not know the question, but it must not refuse us', async () => {
    for (const status of [204, 404, 405]) expect(await probed({ status }, generic)).toBe(true);
    for (const status of [401, 429, 503]) expect(await probed({ status }, generic)).toBe(false);
  });
});
