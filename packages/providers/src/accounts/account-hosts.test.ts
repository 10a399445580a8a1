import { expect, test } from 'vitest';
import { hostOutsideOfPublic } from './account-hosts.ts';
import { AccountSettings } from './account-settings.ts';

const RESEND = {
  id: 'a',
  provider: 'resend',
  environments: ['live'],
  from: 'a@acme.example',
  credentials: { apiKey: 'k' },
};
const SMTP = { ...RESEND, provider: 'smtp', port: 25, credentials: { user: 'u', pass: 'p' } };
const GENERIC = { id: 'a', provider: 'generic', environments: ['live'], channel: 'sms' };
const FCM = { id: 'a', provider: 'fcm', environments: ['live'] };
const key = { project_id: 'p', client_email: 'a@p.example', private_key: '-----BEGIN PRIVATE KEY-----\nx' };
const outside = (account: object, signal = AbortSignal.timeout(10_000)) =>
  hostOutsideOfPublic(AccountSettings.parse(account), signal);

test.each<[object, string]>([
  [{ ...RESEND, baseUrl: 'http://127.0.0.1:6379' }, '127.0.0.1'],
  [{ ...RESEND, baseUrl: 'http://2130706433/' }, '127.0.0.1'],
  [{ ...RESEND, baseUrl: 'https://[::1]/' }, '::1'],
  [{ ...RESEND, baseUrl: 'http://169.254.169.254/latest' }, '169.254.169.254'],
  [{ ...RESEND, baseUrl: 'https://no-such-name.invalid' }, 'no-such-name.invalid'],
  [{ ...SMTP, host: '10.0.0.1' }, '10.0.0.1'],
  [{ ...SMTP, host: 'localhost' }, 'localhost'],
  [{ ...SMTP, host: '::ffff:10.0.0.1' }, '::ffff:10.0.0.1'],
  [{ ...GENERIC, url: 'http://192.168.1.1/', credentials: { secret: 'sixteen characters' } }, '192.168.1.1'],
  [{ ...FCM, credentials: { ...key, token_uri: 'http://10.1.1.1/token' } }, '10.1.1.1'],
  [
    { ...FCM, credentials: { ...key, token_uri: 'https://1.1.1.1/' }, host: '10.1.1.1', port: 80 },
    '10.1.1.1',
  ],
])('%j leads to no public network', async (account, host) => {
  expect(await outside(account)).toBe(host);
});

test('public addresses, and the provider itself, may be called', async () => {
  expect(await outside({ ...RESEND, baseUrl: 'https://1.1.1.1/' })).toBeUndefined();
  expect(await outside({ ...SMTP, host: '2606:4700::1111' })).toBeUndefined();
  expect(await outside(RESEND)).toBeUndefined();
});
