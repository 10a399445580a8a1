import { expect, test } from 'vitest';
import { allowedEndpoint, PUSH_SERVICES } from './push-services.ts';

test.each([
  'https://fcm.googleapis.com/fcm/send/abc',
  'https://updates.push.services.mozilla.com/wpush/v2/abc',
  'https://wns2-by3p.notify.windows.com/w/?token=abc',
  'https://web.push.apple.com/QGuQyavXutnMH',
])('%s may be called', (endpoint) => {
  expect(allowedEndpoint(endpoint, PUSH_SERVICES)?.href).toBe(endpoint);
});

test.each([
  'http://fcm.googleapis.com/fcm/send/abc',
  'https://169.254.169.254/latest/meta-data',
  'https://localhost/push',
  'https://fcm.googleapis.com.evil.example/x',
  'https://evilnotify.windows.com/x',
  'https://notify.windows.com/x',
  'https://user:pass@fcm.googleapis.com/x',
  'https://fcm.googleapis.com@evil.example/x',
  'file:///etc/passwd',
  'not a url',
  '',
])('%s may not be called', (endpoint) => {
  expect(allowedEndpoint(endpoint, PUSH_SERVICES)).toBeNull();
});
