import { z } from 'zod';
import { baseUrl, common, lookupSettlesMs, mailSender, secret } from '../accounts/account-fields.ts';
import { defined, defineProvider } from '../provider.ts';
import { postmarkReceipts } from './receipts.ts';

const settings = z
  .strictObject({
    ...common,
    provider: z.literal('postmark'),
    credentials: z.strictObject({
      serverToken: secret
        .refine(
          (token) => token !== 'POSTMARK_API_TEST',
          'must be the token of a server; POSTMARK_API_TEST sends nothing',
        )
        .describe('The API token of one server, not of the account.'),
    }),
    from: mailSender,
    messageStream: z
      .string()
      .regex(/^[a-z][a-z0-9_-]{0,29}$/, 'must be the id of a message stream such as outbound')
      .optional()
      .describe('The stream to send by, and to look messages up in.')
      .meta({ default: 'outbound' }),
    lookupSettlesMs: lookupSettlesMs(300_000),
    baseUrl,
  })
  .refine(({ receipts }) => receipts?.secrets?.every((each) => /^[^:]+:.+$/s.test(each)) ?? true, {
    path: ['receipts', 'secrets'],
    error: 'must be user:password, as in the address that Postmark was given',
  });

/** Postmark: e-mail by HTTP. Class B: metadata is returned in receipts, and messages can be searched by it. */
export const postmark = defineProvider({
  id: 'postmark',
  title: 'Postmark',
  channel: 'email',
  guarantee: 'B',
  order: 16,
  settings,
  receipts: { reader: postmarkReceipts },
  async connect({ credentials, from, messageStream, lookupSettlesMs, baseUrl }, { client }) {
    const { postmarkAdapter } = await import('./send.ts');
    const optional = defined({ messageStream, lookupSettlesMs, baseUrl });
    return postmarkAdapter({ ...client, ...credentials, from, ...optional });
  },
});
