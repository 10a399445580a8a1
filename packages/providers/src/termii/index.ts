import { z } from 'zod';
import { common, httpUrl, secret } from '../accounts/account-fields.ts';
import { defined, defineProvider } from '../provider.ts';
import { termiiReceipts } from './receipts.ts';
import { TERMII_ROUTES } from './route.ts';

const settings = z.strictObject({
  ...common,
  provider: z.literal('termii'),
  credentials: z.strictObject({ apiKey: secret }),
  /** The sender if a message names none: a registered sender id, or for WhatsApp a device's name. */
  from: z
    .string()
    .regex(/^[\w -]{3,40}$/, 'must be 3 to 11 letters and digits (a device name may be longer)'),
  /** Termii's `channel`; default `generic`. */
  route: z.enum(TERMII_ROUTES).optional(),
  /** How long after a lost call its absence from the report is reliable; default two minutes. */
  lookupSettlesMs: z.int().min(100).max(3_600_000).optional(),
  /** As shown in Termii's dashboard. */
  baseUrl: httpUrl.optional(),
});

/** Termii: SMS and WhatsApp. Class B, weakly: its report is searched for the text, the number and the time. */
export const termii = defineProvider({
  id: 'termii',
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
