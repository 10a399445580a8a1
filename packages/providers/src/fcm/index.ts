import { z } from 'zod';
import { common, DIAL_TOGETHER, dial, httpUrl, pem, withDial } from '../accounts/account-fields.ts';
import { defineProvider } from '../provider.ts';

const settings = z
  .strictObject({
    ...common,
    provider: z.literal('fcm'),
    /** The service account's key file, as issued by Google; its other fields are ignored. */
    credentials: z.object({
      project_id: z.string().min(1).describe('As in the key file of the service account.'),
      client_email: z.string().min(3).describe('As in the key file of the service account.'),
      private_key: pem(/^-----BEGIN PRIVATE KEY-----/, 'must be a PKCS #8 PEM key').describe(
        'As in the key file, with its line breaks.',
      ),
      token_uri: httpUrl
        .default('https://oauth2.googleapis.com/token')
        .describe('Where access tokens are fetched.'),
    }),
    ...dial,
  })
  .refine(withDial, DIAL_TOGETHER);

/** Firebase Cloud Messaging, HTTP v1. Class C: the notification's id is tag and collapse key. */
export const fcm = defineProvider({
  id: 'fcm',
  title: 'Firebase Cloud Messaging',
  channel: 'push',
  guarantee: 'C',
  order: 10,
  settings,
  credentialsAsIssued: true,
  async connect({ credentials }, { client, now }) {
    const { fcmAdapter } = await import('./send.ts');
    return fcmAdapter({ ...client, serviceAccount: credentials, now });
  },
});
