import { z } from 'zod';
import { baseUrl, common, httpUrl, lookupSettlesMs, secret, sender } from '../accounts/account-fields.ts';
import { defined, defineProvider } from '../provider.ts';
import { twilioReceipts } from './receipts.ts';

const settings = z
  .strictObject({
    ...common,
    provider: z.literal('twilio'),
    credentials: z.strictObject({
      accountSid: z
        .string()
        .regex(/^AC\w+$/, 'must begin with AC')
        .describe('The SID of the account: AC...'),
      authToken: secret.describe('Its auth token; it also signs the callbacks.'),
    }),
    from: sender
      .optional()
      .describe('The sender of messages that name none. Needed without a messaging service.'),
    messagingServiceSid: z
      .string()
      .regex(/^MG\w+$/, 'must begin with MG')
      .optional()
      .describe('The messaging service that chooses the sender: MG...'),
    validitySeconds: z
      .int()
      .min(1)
      .max(36_000)
      .optional()
      .describe('How long Twilio may keep trying to hand a message over.'),
    callbackBaseUrl: httpUrl
      .optional()
      .describe(
        'The public address of this API, for status callbacks: they settle doubts and report arrivals.',
      ),
    lookupSettlesMs: lookupSettlesMs(120_000),
    baseUrl,
  })
  .refine(({ from, messagingServiceSid }) => from !== undefined || messagingServiceSid !== undefined, {
    path: ['from'],
    error: 'set from or messagingServiceSid: an SMS needs a sender',
  });

/** Twilio: SMS. Class B: callbacks contain the attempt id, and the list of messages can be queried. */
export const twilio = defineProvider({
  id: 'twilio',
  title: 'Twilio',
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
