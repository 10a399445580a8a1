import { z } from 'zod';
import { common, DIAL_TOGETHER, dial, withDial } from '../accounts/account-fields.ts';
import { defined, defineProvider } from '../provider.ts';

const settings = z
  .strictObject({
    ...common,
    provider: z.literal('apns'),
    credentials: z.strictObject({
      keyId: z.string().regex(/^[A-Z0-9]{10}$/, 'must be the 10 characters of the key id'),
      teamId: z.string().regex(/^[A-Z0-9]{10}$/, 'must be the 10 characters of the team id'),
      privateKey: z.string().regex(/^-----BEGIN PRIVATE KEY-----/, 'must be the text of the .p8 file'),
    }),
    /** The app's bundle id. */
    topic: z.string().regex(/^[\w.-]{1,155}$/, 'must be a bundle id such as com.acme.app'),
    /** True for the tokens of development builds. */
    sandbox: z.boolean().optional(),
    ttlSeconds: z.int().min(0).max(2_592_000).optional(),
    ...dial,
  })
  .refine(withDial, DIAL_TOGETHER);

/** Apple Push Notification service. Class C: the notification's id is the collapse id. */
export const apns = defineProvider({
  id: 'apns',
  channel: 'push',
  guarantee: 'C',
  order: 15,
  settings,
  async connect({ credentials, topic, sandbox, ttlSeconds }, { client, now }) {
    const { apnsAdapter } = await import('./send.ts');
    return apnsAdapter({ ...client, key: credentials, topic, now, ...defined({ sandbox, ttlSeconds }) });
  },
});
