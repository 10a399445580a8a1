import { z } from 'zod';
import { common, httpUrl, mailSender, secret } from '../accounts/account-fields.ts';
import { defined, defineProvider } from '../provider.ts';
import { sendgridReceipts } from './receipts.ts';

const settings = z.strictObject({
  ...common,
  provider: z.literal('sendgrid'),
  credentials: z.strictObject({ apiKey: secret }),
  from: mailSender,
  /** The Email Activity add-on is active and the key may read it: doubts are looked up. */
  emailActivity: z.boolean().optional(),
  /** How long after a lost call its absence from Email Activity is reliable; default ten minutes. */
  lookupSettlesMs: z.int().min(100).max(3_600_000).optional(),
  /** `https://api.eu.sendgrid.com` for EU subusers. */
  baseUrl: httpUrl.optional(),
});

/** SendGrid: e-mail by HTTP. Class B: custom arguments are returned in events, and Email Activity can be queried. */
export const sendgrid = defineProvider({
  id: 'sendgrid',
  channel: 'email',
  guarantee: 'B',
  order: 15,
  settings,
  receipts: { reader: sendgridReceipts },
  async connect({ credentials, from, emailActivity, lookupSettlesMs, baseUrl }, { client }) {
    const { sendgridAdapter } = await import('./send.ts');
    const optional = defined({ emailActivity, lookupSettlesMs, baseUrl });
    return sendgridAdapter({ ...client, ...credentials, from, ...optional });
  },
});
