import { z } from 'zod';
import { common, DIAL_TOGETHER, dial, pem, withDial } from '../accounts/account-fields.ts';
import { defined, defineProvider } from '../provider.ts';

const settings = z
  .strictObject({
    ...common,
    provider: z.literal('apns'),
    credentials: z.strictObject({
      keyId: z
        .string()
        .regex(/^[A-Z0-9]{10}$/, 'must be the 10 characters of the key id')
        .describe('The id of the signing key, 10 characters.'),
      teamId: z
        .string()
        .regex(/^[A-Z0-9]{10}$/, 'must be the 10 characters of the team id')
        .describe('The id of the team that the key belongs to, 10 characters.'),
      privateKey: pem(/^-----BEGIN PRIVATE KEY-----/, 'must be the text of the .p8 file').describe(
        'The text of the .p8 file.',
      ),
    }),
    topic: z
      .string()
      .regex(/^[\w.-]{1,155}$/, 'must be a bundle id such as com.acme.app')
      .describe("The app's bundle id, such as com.acme.app."),
    sandbox: z
      .boolean()
      .optional()
      .describe('Yes for the tokens of development builds.')
      .meta({ default: false }),
    ttlSeconds: z
      .int()
      .min(0)
      .max(2_592_000)
      .optional()
      .describe('How long Apple keeps a message for a device that is off, unless the message says.'),
    ...dial,
  })
  .refine(withDial, DIAL_TOGETHER);

/** Apple Push Notification service. Class C: the notification's id is the collapse id. */
export const apns = defineProvider({
  id: 'apns',
  title: 'Apple Push Notification service',
  channel: 'push',
  guarantee: 'C',
  order: 15,
  settings,
  async connect({ credentials, topic, sandbox, ttlSeconds }, { client, now }) {
    const { apnsAdapter } = await import('./send.ts');
    return apnsAdapter({ ...client, key: credentials, topic, now, ...defined({ sandbox, ttlSeconds }) });
  },
});
