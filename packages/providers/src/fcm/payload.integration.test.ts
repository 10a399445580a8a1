import type { PushMessage } from '@carillon/core/notification/message';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type AnsweringServer, answeringServer, CA } from '../../../../test/contract/answering-server.ts';
import { call, push } from '../../../../test/contract/credentials.ts';
import { json, serviceAccount } from '../../../../test/contract/rigs.ts';
import { fcmAdapter } from './send.ts';

let server: AnsweringServer;
let tokens: AnsweringServer;
let adapter: ReturnType<typeof fcmAdapter>;
beforeAll(async () => {
  [server, tokens] = await Promise.all([answeringServer({ tls: true }), answeringServer()]);
  tokens.answers(json(200, { access_token: 'ya29.x', expires_in: 3600, token_type: 'Bearer' }));
  server.answers(json(200, { name: 'projects/acme/messages/1' }));
  adapter = fcmAdapter({
    serviceAccount: serviceAccount(tokens.url),
    dial: { host: '127.0.0.1', port: server.port },
    ca: CA,
  });
});
afterAll(() => Promise.all([adapter.close(), server.close(), tokens.close()]));

const send = (body: string) =>
  adapter.send({ ...push({ fcm_token: 'device' }), body } as PushMessage, call());

test('a message larger than FCM accepts is refused before any request, and the refusal names its size in bytes', async () => {
  // Two bytes each in UTF-8.
  expect(await send('ä'.repeat(2_000))).toMatchObject({
    class: 'rejected',
    code: 'payload_too_large',
    phase: 'started',
    message: expect.stringMatching(/make 4\d{3} bytes, at most 4000 fit/),
  });
  expect(server.received).toHaveLength(0);
  expect(tokens.received).toHaveLength(0);
});

test('one that just fits is sent', async () => {
  const overhead =
    Number(/make (\d+)/.exec(((await send('x'.repeat(5_000))) as { message: string }).message)![1]) - 5_000;
  expect(await send('x'.repeat(4_001 - overhead))).toMatchObject({ code: 'payload_too_large' });
  expect(await send('x'.repeat(4_000 - overhead))).toMatchObject({ class: 'accepted' });
});
