import { z } from 'zod';
import { common, httpUrl } from '../accounts/account-fields.ts';
import { defineProvider } from '../provider.ts';
import { genericReceipts } from './receipts.ts';

const settings = z.strictObject({
  ...common,
  provider: z.literal('generic'),
  channel: z.enum(['email', 'sms', 'push']).describe('What your endpoint sends.'),
  url: httpUrl.describe('Your endpoint: it gets a signed POST for each message.'),
  credentials: z.strictObject({
    secret: z
      .string()
      .min(16, 'must have 16 characters at least')
      .describe('Signs the calls, and the receipts that come back.'),
  }),
});

/** A signed POST to a custom URL. A fallback if there is another account, so it is tried last. */
export const generic = defineProvider({
  id: 'generic',
  title: 'Own endpoint (generic)',
  channel: ({ channel }) => channel,
  guarantee: 'A',
  order: 90,
  settings,
  receipts: { reader: genericReceipts, ownSecrets: ({ credentials }) => [credentials.secret] },
  async connect({ channel, url, credentials }, { client, now }) {
    const { genericAdapter } = await import('./send.ts');
    return genericAdapter({ ...client, channel, url, secret: credentials.secret, now });
  },
});
