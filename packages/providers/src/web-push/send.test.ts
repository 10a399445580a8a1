import type { PushMessage } from '@carillon/core/notification/message';
import { afterAll, expect, test } from 'vitest';
import { call, push, subscription, VAPID } from '../../../../test/contract/credentials.ts';
import { webPushAdapter } from './send.ts';

const adapter = webPushAdapter({ vapid: VAPID });
afterAll(() => adapter.close());
const ENDPOINT = 'https://web.push.apple.com/abc';

test('an endpoint outside the known push services is refused, not called', async () => {
  const message = push({ subscription: subscription('https://10.0.0.7/admin') }) as PushMessage;
  expect(await adapter.send(message, call())).toMatchObject({
    class: 'rejected',
    code: 'endpoint_not_allowed',
    phase: 'started',
  });
});

test('a subscription with invalid keys is a bad recipient', async () => {
  const keys = { p256dh: 'AAAA', auth: 'BBBB' };
  const message = push({ subscription: { endpoint: ENDPOINT, keys } }) as PushMessage;
  expect(await adapter.send(message, call())).toMatchObject({
    class: 'bad_recipient',
    code: 'invalid_subscription',
  });
});

test('a payload larger than push services must accept is refused with its size', async () => {
  const message = {
    ...push({ subscription: subscription(ENDPOINT) }),
    body: 'é'.repeat(2_000),
  } as PushMessage;
  const outcome = await adapter.send(message, call());
  expect(outcome).toMatchObject({ class: 'rejected', code: 'payload_too_large', phase: 'started' });
  expect((outcome as { message: string }).message).toMatch(/make 4\d\d\d bytes, at most 3993/);
});

test('serves Web Push subscriptions only', () => {
  expect(adapter.serves(push({ subscription: subscription(ENDPOINT) }) as PushMessage)).toBe(true);
  expect(adapter.serves(push({ fcm_token: 'x' }) as PushMessage)).toBe(false);
  expect(adapter.serves(push({ apns_token: 'x' }) as PushMessage)).toBe(false);
});
