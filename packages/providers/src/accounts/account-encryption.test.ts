import { hash } from 'node:crypto';
import { type KeyRing, SealBroken } from '@carillon/core/notification/envelope';
import { expect, test } from 'vitest';
import { type AccountRow, encryptAccount, decryptAccount as open } from './account-encryption.ts';
import type { AccountSettings } from './account-settings.ts';

const ring: KeyRing = { current: 'k', keys: new Map([['k', Buffer.alloc(32, 1)]]) };
const decryptAccount = (keys: KeyRing, row: AccountRow, managedBy: 'file' | 'api' = 'api') =>
  open(keys, { ...row, managedBy });
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

test('a signing key is sealed like a password and opens unchanged', () => {
  const row = encryptAccount(ring, SMTP);
  expect(JSON.stringify(row)).not.toContain('secret-');
  expect(row.credentials!.toString('latin1')).not.toContain('secret-');
  expect(row.settings).not.toHaveProperty('dkim');
  expect(decryptAccount(ring, row)).toEqual(SMTP);
});

test('another key has another fingerprint, so that a list shows the change', () => {
  const { dkim: _, ...unsigned } = SMTP;
  expect(encryptAccount(ring, unsigned as AccountSettings).fingerprint).not.toBe(
    encryptAccount(ring, SMTP).fingerprint,
  );
});

test('a fingerprint needs the encryption key: weak passwords cannot be guessed from it', () => {
  const shown = encryptAccount(ring, SMTP).fingerprint!;
  expect(shown).toMatch(/^[0-9a-f]{12}$/);
  expect(encryptAccount(ring, SMTP).fingerprint).toBe(shown);
  const other: KeyRing = { current: 'k', keys: new Map([['k', Buffer.alloc(32, 2)]]) };
  expect(encryptAccount(other, SMTP).fingerprint).not.toBe(shown);
  const { credentials, dkim } = SMTP as { credentials: object; dkim: object };
  const secret = JSON.stringify({ credentials, dkim });
  for (const text of [secret, `smtp|${secret}`, `provider_accounts/smtp|${secret}`])
    expect(hash('sha256', text, 'hex')).not.toContain(shown);
});

test('what was sealed for one account does not open in the row of another', () => {
  const row = encryptAccount(ring, SMTP);
  expect(() => decryptAccount(ring, { ...row, id: 'smtp-2' })).toThrow(SealBroken);
});

test('only accounts of PROVIDERS_FILE may name a file of the server, whatever a stored row says', () => {
  const row = encryptAccount(ring, { ...SMTP, caFile: '/etc/carillon/ca.pem' } as AccountSettings);
  expect(row.settings).toMatchObject({ caFile: '/etc/carillon/ca.pem' });
  expect(decryptAccount(ring, row, 'file')).toMatchObject({ caFile: '/etc/carillon/ca.pem' });
  expect(decryptAccount(ring, row, 'api')).toEqual(SMTP);
});
