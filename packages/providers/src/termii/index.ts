import { z } from 'zod';
import { baseUrl, common, lookupSettlesMs, secret } from '../accounts/account-fields.ts';
import { defined, defineProvider } from '../provider.ts';
import { termiiReceipts } from './receipts.ts';
import { TERMII_ROUTES } from './route.ts';

const settings = z.strictObject({
  ...common,
  provider: z.literal('termii'),
  credentials: z.strictObject({ apiKey: secret.describe('The API key of the account.') }),
  from: z
    .string()
    .regex(/^[\w -]{3,40}$/, 'must be 3 to 11 letters and digits (a device name may be longer)')
    .describe(
      "The sender of messages that name none: a registered sender id, or for WhatsApp a device's name.",
    ),
  route: z
    .enum(TERMII_ROUTES)
    .optional()
    .describe(
      "Termii's channel. Use dnd for one-time passwords: generic does not reach do-not-disturb numbers.",
    )
    .meta({ default: 'generic' }),
  lookupSettlesMs: lookupSettlesMs(120_000),
  baseUrl: baseUrl.describe("The address shown in Termii's dashboard. Without it, the usual one."),
});

/** Termii: SMS and WhatsApp. Class B, weakly: its report is searched for the text, the number and the time. */
export const termii = defineProvider({
  id: 'termii',
  title: 'Termii',
  channel: 'sms',
  guarantee: 'B',
  order: 20,
  settings,
  receipts: { reader: termiiReceipts },
  async connect({ credentials, from, route, lookupSettlesMs, baseUrl }, { client }) {
    const { termiiAdapter } = await import('./send.ts');
    const optional = defined({ route, lookupSettlesMs, baseUrl });
    return termiiAdapter({ ...client, ...credentials, from, ...optional });
  },
});
