import { z } from 'zod';
import { common, httpUrl, secret, sender } from '../accounts/account-fields.ts';
import { defined, defineProvider } from '../provider.ts';
import { twilioReceipts } from './receipts.ts';

const settings = z
  .strictObject({
    ...common,
    provider: z.literal('twilio'),
    credentials: z.strictObject({
      accountSid: z.string().regex(/^AC\w+$/, 'must begin with AC'),
      authToken: secret,
    }),
    from: sender.optional(),
    messagingServiceSid: z
      .string()
      .regex(/^MG\w+$/, 'must begin with MG')
      .optional(),
    validitySeconds: z.int().min(1).max(36_000).optional(),
    /** Public address of the API, for status callbacks: they settle doubts and report the results of messages. */
    callbackBaseUrl: httpUrl.optional(),
    /** How long after a lost call its absence from Twilio's list is reliable; default two minutes. */
    lookupSettlesMs: z.int().min(100).max(3_600_000).optional(),
    baseUrl: httpUrl.optional(),
  })
  .refine(({ from, messagingServiceSid }) => from !== undefined || messagingServiceSid !== undefined, {
    path: ['from'],
    error: 'set from or messagingServiceSid: an SMS needs a sender',
  });

/** Twilio: SMS. Class B: callbacks contain the attempt id, and the list of messages can be queried. */
export const twilio = defineProvider({
  id: 'twilio',
  channel: 'sms',
  guarantee: 'B',
  order: 10,
  settings,
  receipts: { reader: twilioReceipts, ownSecrets: ({ credentials }) => [credentials.authToken] },
  async connect(account, { client }) {
    const { twilioAdapter } = await import('./send.ts');
    const { id, credentials, from, messagingServiceSid, validitySeconds } = account;
    const { callbackBaseUrl, lookupSettlesMs, baseUrl } = account;
    const callbackUrl = callbackBaseUrl && `${callbackBaseUrl.replace(/\/$/, '')}/v1/receipts/twilio/${id}`;
    const optional = { from, messagingServiceSid, validitySeconds, callbackUrl, lookupSettlesMs, baseUrl };
    return twilioAdapter({ ...client, ...credentials, ...defined(optional) });
  },
});
