import type { GuaranteeClass } from '@carillon/core/guarantee';

/**
 * The guarantee class of each provider, for people who settle a doubt. The truth stands in the adapters, which this
 * process does not load; a test compares the two.
 */
const CLASSES: Readonly<Record<string, GuaranteeClass>> = {
  resend: 'A',
  generic: 'A',
  inbox: 'A',
  sendgrid: 'B',
  ses: 'B',
  twilio: 'B',
  termii: 'B',
  fcm: 'C',
  apns: 'C',
  'web-push': 'C',
  smtp: 'D',
};

/** What the class means for somebody who looks at a doubt. */
export const MEANING: Readonly<Record<GuaranteeClass, string>> = {
  A: 'It knows each call by a key, so the same call is repeated by itself without a second message. Send again makes a new call with a new key.',
  B: 'It can be asked, and its receipts tell: look for the message in its console before you decide.',
  C: 'A second message replaces the first on the device, where the device still shows it.',
  D: 'It can neither be asked nor told apart: only the recipient knows whether it came.',
};

/** @returns null for a provider that is not known here. */
export function guaranteeOf(provider: string): GuaranteeClass | null {
  return CLASSES[provider] ?? null;
}
