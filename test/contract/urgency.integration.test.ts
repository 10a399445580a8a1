import type { PushMessage } from '@carillon/core/notification/message';
import { PRIORITIES } from '@carillon/core/notification/priority';
import { fcmAdapter } from '@carillon/providers/fcm/send';
import { webPushAdapter } from '@carillon/providers/web-push/send';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type AnsweringServer, answeringServer, CA } from './answering-server.ts';
import { call, push, subscription, VAPID } from './credentials.ts';
import { json, serviceAccount } from './rigs.ts';

/** What a push service does with a message for a device that sleeps follows from the priority. */
let server: AnsweringServer;
let tokens: AnsweringServer;
beforeAll(async () => {
  [server, tokens] = await Promise.all([answeringServer({ tls: true }), answeringServer()]);
  tokens.answers(json(200, { access_token: 'ya29.x', expires_in: 3600, token_type: 'Bearer' }));
});
afterAll(() => Promise.all([server.close(), tokens.close()]));

test('Web Push: critical messages are urgent, bulk ones wait', async () => {
  server.answers({ status: 201, headers: { location: 'https://updates.push.services.mozilla.com/m/1' } });
  const adapter = webPushAdapter({ vapid: VAPID, dial: { host: '127.0.0.1', port: server.port }, ca: CA });
  const target = subscription('https://updates.push.services.mozilla.com/wpush/v2/abc');
  const from = server.received.length;
  for (const priority of PRIORITIES)
    await adapter.send(push({ subscription: target }) as PushMessage, { ...call(), priority });
  await adapter.close();
  expect(server.received.slice(from).map(({ headers }) => headers.urgency)).toEqual([
    'high',
    'normal',
    'low',
  ]);
});

test('FCM: every platform gets the urgency, and the options of the send', async () => {
  server.answers(json(200, { name: 'projects/acme/messages/1' }));
  const adapter = fcmAdapter({
    serviceAccount: serviceAccount(tokens.url),
    dial: { host: '127.0.0.1', port: server.port },
    ca: CA,
  });
  const from = server.received.length;
  const options = { sound: null, badge: 3, data: { screen: 'orders' } };
  for (const priority of PRIORITIES)
    await adapter.send({ ...push({ fcm_token: 'd' }), options } as PushMessage, { ...call(), priority });
  await adapter.close();
  const sent = server.received.slice(from).map(({ body }) => JSON.parse(body.toString()).message);
  expect(sent.map(({ android }) => android.priority)).toEqual(['high', 'high', 'normal']);
  expect(sent.map(({ apns }) => apns.headers['apns-priority'])).toEqual(['10', '10', '5']);
  expect(sent.map(({ webpush }) => webpush.headers.Urgency)).toEqual(['high', 'normal', 'low']);
  expect(sent[0].apns.payload.aps).toEqual({ badge: 3 });
  expect(sent[0].android.notification).toMatchObject({ notification_count: 3 });
  expect(sent[0].data).toMatchObject({ screen: 'orders' });
});
