import { composeFor } from '@carillon/core/notification/compose';
import type { Content, Message } from '@carillon/core/notification/message';
import type { ClaimedRow } from '@carillon/db/attempts/claim-notifications';
import { expect, test } from 'vitest';
import { inOrder } from './in-order.ts';

const row = {
  app_id: 'app',
  environment: 'live',
  recipient_id: 'ada',
  address: { email: 'ada@example.test', phone: '+15005550006', push: { fcm_token: 'token' } },
  options: { from: 'Acme <a@acme.example>', reply_to: 'help@acme.example' },
} as unknown as ClaimedRow;
const content: Content = { subject: 's', text: 't', html: 'h', title: 'i', body: 'b', url: 'https://u.test' };
const extras = { headers: { 'List-Unsubscribe': '<x>', 'List-Unsubscribe-Post': 'y' } };

/** As jsonb returns it: keys by length, then by their bytes. */
function throughJsonb(value: unknown): unknown {
  if (value === null || typeof value !== 'object') return value;
  const keys = Object.keys(value).sort((a, b) => a.length - b.length || (a < b ? -1 : 1));
  return Object.fromEntries(keys.map((key) => [key, throughJsonb((value as Record<string, unknown>)[key])]));
}

test.each(['email', 'sms', 'push', 'in_app'] as const)(
  'an %s message that was kept is the same text again',
  (channel) => {
    const message = { ...composeFor({ ...row, channel })!(content), ...(channel === 'email' ? extras : {}) };
    const kept = throughJsonb(message) as Message;
    expect(JSON.stringify(kept)).not.toBe(JSON.stringify(message));
    expect(JSON.stringify(inOrder(kept))).toBe(JSON.stringify(message));
  },
);
