import { z } from 'zod';
import { baseUrl, common, lookupSettlesMs, mailSender, secret } from '../accounts/account-fields.ts';
import { defined, defineProvider } from '../provider.ts';
import { sendgridReceipts } from './receipts.ts';

const settings = z.strictObject({
  ...common,
  provider: z.literal('sendgrid'),
  credentials: z.strictObject({ apiKey: secret.describe('An API key that may send mail: SG....') }),
  from: mailSender,
  emailActivity: z
    .boolean()
    .optional()
    .describe('The Email Activity add-on is active and the key may read it: doubts are looked up there.')
    .meta({ default: false }),
  lookupSettlesMs: lookupSettlesMs(600_000),
  baseUrl: baseUrl.describe('https://api.eu.sendgrid.com for EU subusers. Without it, the usual address.'),
});

/** SendGrid: e-mail by HTTP. Class B: custom arguments are returned in events, and Email Activity can be queried. */
export const sendgrid = defineProvider({
  id: 'sendgrid',
  title: 'SendGrid',
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
