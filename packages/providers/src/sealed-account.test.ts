import { type KeyRing, SealBroken } from '@carillon/core/envelope';
import { expect, test } from 'vitest';
import type { AccountSettings } from './account-settings.ts';
import { openAccount, sealAccount } from './sealed-account.ts';

const ring: KeyRing = { current: 'k', keys: new Map([['k', Buffer.alloc(32, 1)]]) };
const SMTP: AccountSettings = {
  id: 'smtp',
  provider: 'smtp',
  environments: ['live'],
  order: 20,
  weight: 1,
  host: 'mail.acme.example',
  port: 587,
  from: 'hello@acme.example',
  credentials: { user: 'acme', pass: 'secret-pass' },
  dkim: {
    domainName: 'acme.example',
    keySelector: 's1',
    privateKey: '-----BEGIN PRIVATE KEY-----\nsecret-key\n-----END PRIVATE KEY-----',
  },
};

test('a key that signs is sealed like a password and comes back as it was', () => {
  const row = sealAccount(ring, SMTP);
  expect(JSON.stringify(row)).not.toContain('secret-');
  expect(row.credentials!.toString('latin1')).not.toContain('secret-');
  expect(row.settings).not.toHaveProperty('dkim');
  expect(openAccount(ring, row)).toEqual(SMTP);
});

test('another key is another fingerprint, so that a list shows the change', () => {
  const { dkim: _, ...unsigned } = SMTP;
  expect(sealAccount(ring, unsigned as AccountSettings).fingerprint).not.toBe(
    sealAccount(ring, SMTP).fingerprint,
  );
});

test('what was sealed for one account does not open in the row of another', () => {
  const row = sealAccount(ring, SMTP);
  expect(() => openAccount(ring, { ...row, id: 'smtp-2' })).toThrow(SealBroken);
});
