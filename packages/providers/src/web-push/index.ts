import { z } from 'zod';
import { common, DIAL_TOGETHER, dial, withDial } from '../accounts/account-fields.ts';
import { defined, defineProvider } from '../provider.ts';

const settings = z
  .strictObject({
    ...common,
    provider: z.literal('web-push'),
    credentials: z.strictObject({
      subject: z
        .string()
        .regex(/^(mailto:|https:\/\/)/, 'must be a mailto: or https: address')
        .describe('Whom push services may ask about this sender: a mailto: or https: address.'),
      publicKey: z
        .string()
        .regex(/^[\w-]{86,88}$/, 'must be a VAPID public key in base64url')
        .describe('The VAPID public key in base64url, as the web app has it.'),
      privateKey: z
        .string()
        .regex(/^[\w-]{42,44}$/, 'must be a VAPID private key in base64url')
        .describe('The VAPID private key in base64url.'),
    }),
    ttlSeconds: z
      .int()
      .min(0)
      .max(2_419_200)
      .optional()
      .describe(
        'How long the push service keeps a message for a browser that is off, unless the message says.',
      ),
    extraHosts: z
      .array(z.string().regex(/^(\*\.)?[\w.-]+$/, 'must be a host name, or *. and one'))
      .optional()
      .describe('Push services in addition to the known ones.'),
    ...dial,
  })
  .refine(withDial, DIAL_TOGETHER);

/** Web Push (RFC 8030). Class C: the topic replaces an undelivered message. */
export const webPush = defineProvider({
  id: 'web-push',
  title: 'Web Push',
  channel: 'push',
  guarantee: 'C',
  order: 20,
  settings,
  async connect({ credentials, ttlSeconds, extraHosts }, { client }) {
    const { webPushAdapter } = await import('./send.ts');
    return webPushAdapter({ ...client, vapid: credentials, ...defined({ ttlSeconds, extraHosts }) });
  },
});
