import { afterAll, beforeAll, expect, test } from 'vitest';
import { type AnsweringServer, answeringServer } from '../../../../test/contract/answering-server.ts';
import { call } from '../../../../test/contract/credentials.ts';
import { twilioAdapter } from './send.ts';

let server: AnsweringServer;
beforeAll(async () => {
  server = await answeringServer();
  server.answers({ status: 201, body: JSON.stringify({ sid: 'SM1' }) });
});
afterAll(() => server.close());

test('Twilio gets the time after which it drops an undelivered message', async () => {
  const adapter = twilioAdapter({
    accountSid: 'AC1',
    authToken: 't',
    from: '+15005550006',
    baseUrl: server.url,
  });
  const sms = { channel: 'sms', to: '+15005550000', text: 'Your code is 123456' } as const;
  await adapter.send(sms, { ...call(), expiresAt: new Date(Date.now() + 120_000) });
  await adapter.send(sms, call());
  const [short, long] = server.received.map(({ body }) =>
    new URLSearchParams(body.toString()).get('ValidityPeriod'),
  );
  expect(Number(short)).toBeGreaterThan(60);
  expect(Number(short)).toBeLessThanOrEqual(120);
  expect(long).toBeNull();
  await adapter.close();
});
