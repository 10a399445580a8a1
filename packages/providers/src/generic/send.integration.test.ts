import { createHmac } from 'node:crypto';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type AnsweringServer, answeringServer } from '../../../../test/contract/answering-server.ts';
import { call, EMAIL, MAIL_EXTRAS, push, SECRET, SMS } from '../../../../test/contract/credentials.ts';
import { genericAdapter } from './send.ts';

let server: AnsweringServer;
beforeEach(async () => {
  server = await answeringServer();
  server.answers({ status: 200, body: '{"id":"m-1"}' });
});
afterEach(() => server.close());

test('the signature proves the time and every byte of the body', async () => {
  const adapter = genericAdapter({ channel: 'email', url: server.url, secret: SECRET });
  await adapter.send({ ...EMAIL, subject: 'Grüße 👋' } as typeof EMAIL, call());
  const { headers, body } = server.received[0]!;
  const [, t, v1] = /^t=(\d+),v1=([0-9a-f]{64})$/.exec(headers['x-carillon-signature'] as string)!;
  expect(Math.abs(Number(t) - Date.now() / 1000)).toBeLessThan(5);
  expect(v1).toBe(
    createHmac('sha256', SECRET)
      .update(Buffer.concat([Buffer.from(`${t}.`), body]))
      .digest('hex'),
  );
  expect(JSON.parse(body.toString())).toMatchObject({ channel: 'email', subject: 'Grüße 👋' });
  await adapter.close();
});

test('serves only its configured channel', async () => {
  const adapter = genericAdapter({ channel: 'sms', url: server.url, secret: SECRET });
  expect(adapter.channel).toBe('sms');
  expect(adapter.serves(SMS)).toBe(true);
  expect(adapter.serves(EMAIL)).toBe(false);
  expect(adapter.serves(push({ apns_token: 'x' }))).toBe(false);
  await adapter.close();
});

test('an e-mail includes its headers and files', async () => {
  const adapter = genericAdapter({ channel: 'email', url: server.url, secret: SECRET });
  await adapter.send({ ...EMAIL, ...MAIL_EXTRAS } as typeof EMAIL, call());
  expect(JSON.parse(server.received[0]!.body.toString())).toMatchObject(MAIL_EXTRAS);
  await adapter.close();
});
