import { randomBytes } from 'node:crypto';
import { seal } from '@carillon/core/notification/envelope';
import { expect, test } from 'vitest';
import { signedRequest } from './signed-request.ts';

test('an event is signed with the time of its claim, which a wrong clock of the machine does not falsify', () => {
  const ring = { current: 'k1', keys: new Map([['k1', randomBytes(32)]]) };
  const secret = `whsec_${randomBytes(24).toString('base64')}`;
  const now = new Date(Date.now() - 3_600_000);
  const request = signedRequest(
    {
      eventId: 'evt_1',
      endpointId: 'ep_1',
      appId: 'app_1',
      tries: 1,
      url: 'https://shop.example/hooks',
      type: 'notification.sent',
      data: {},
      createdAt: now,
      notificationId: null,
      traceparent: null,
      secret: seal(ring, secret, 'webhook_endpoints/ep_1'),
      earlier: [],
      now,
    },
    ring,
  );
  expect(request).toMatchObject({
    headers: { 'webhook-timestamp': String(Math.floor(now.getTime() / 1000)) },
  });
});
