import type { SmsMessage } from '@carillon/core/notification/message';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type AnsweringServer, answeringServer } from '../../../../test/contract/answering-server.ts';
import { call, SECRET, SMS } from '../../../../test/contract/credentials.ts';
import { termiiAdapter } from './send.ts';

const MESSAGE = SMS as SmsMessage;

let server: AnsweringServer;
let adapter: ReturnType<typeof termiiAdapter>;
beforeEach(async () => {
  server = await answeringServer();
  server.answers({ status: 200, body: '{"code":"ok","message_id":"1"}' });
  adapter = termiiAdapter({ apiKey: `TL ${SECRET}`, from: 'Acme', baseUrl: server.url });
});
afterEach(() => Promise.all([server.close(), adapter.close()]));

test('numbers are sent without their plus sign, over the generic route, from the sender of the message', async () => {
  await adapter.send({ ...MESSAGE, from: 'Other' }, call());
  expect(JSON.parse(server.received[0]!.body.toString())).toMatchObject({
    to: '15005550100',
    from: 'Other',
    channel: 'generic',
  });
});

test.each(['', '+', 'not a number', '+1 500 555', '+1234567890123456'])(
  '%j is no number, and not sent',
  async (to) => {
    expect(await adapter.send({ ...MESSAGE, to }, call())).toMatchObject({
      class: 'bad_recipient',
      code: 'invalid_number',
      phase: 'started',
    });
    expect(server.received).toHaveLength(0);
  },
);

test('the string form of the id is used: as a JSON number it loses digits', async () => {
  server.answers({
    status: 200,
    body: '{"code":"ok","message_id":3017544054459493460284950,"message_id_str":"3017544054459493460284950"}',
  });
  expect(await adapter.send(MESSAGE, call())).toEqual({
    class: 'accepted',
    providerMessageId: '3017544054459493460284950',
  });
});

test('fetches the report and the balance with its key', async () => {
  const paths = () => server.received.map(({ path }) => path);
  server.answers({ status: 200, body: '[{"receiver":"1"}]' });
  const lost = { ...call(), startedAt: new Date(), askedAt: new Date() };
  expect(await adapter.lookup!.find(MESSAGE, lost)).toMatchObject({ found: 'absent' });
  const probed = async (status: number, body: string) => {
    server.answers({ status, body });
    return adapter.probe!(AbortSignal.timeout(5_000));
  };
  expect(await probed(200, '{"balance":3.5}')).toEqual({ healthy: true });
  for (const broke of ['{"balance":0}', '{"balance":-1}', '{}', 'null', '<html>']) {
    expect(await probed(200, broke), broke).toMatchObject({ healthy: false });
  }
  expect(await probed(401, '{}')).toEqual({ healthy: false, why: 'Termii answered HTTP 401' });
  const key = encodeURIComponent(`TL ${SECRET}`);
  expect(paths()[0]).toBe(`/api/sms/inbox?api_key=${key}`);
  expect(paths()[1]).toBe(`/api/get-balance?api_key=${key}`);
});
