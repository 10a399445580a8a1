import { z } from 'zod';
import { baseUrl, common, mailSender, secret } from '../accounts/account-fields.ts';
import { defined, defineProvider } from '../provider.ts';
import { resendReceipts } from './receipts.ts';

const settings = z.strictObject({
  ...common,
  provider: z.literal('resend'),
  credentials: z.strictObject({ apiKey: secret.describe('An API key with sending access: re_...') }),
  from: mailSender,
  baseUrl,
});

/** Resend: e-mail by HTTP. Class A: an idempotency key. */
export const resend = defineProvider({
  id: 'resend',
  title: 'Resend',
  channel: 'email',
  guarantee: 'A',
  order: 10,
  settings,
  receipts: { reader: resendReceipts },
  async connect({ credentials, from, baseUrl }, { client }) {
    const { resendAdapter } = await import('./send.ts');
    return resendAdapter({ ...client, ...credentials, from, ...defined({ baseUrl }) });
  },
});
