import type { GuaranteeClass } from '@carillon/core/provider/guarantee';
import { findDefinition } from '@carillon/providers/providers';

/** What the class means when settling a doubt. */
export const MEANING: Readonly<Record<GuaranteeClass, string>> = {
  A: 'It knows each call by a key, so the same call is repeated by itself without a second message. Send again makes a new call with a new key.',
  B: 'It can be asked, and its receipts tell: look for the message in its console before you decide.',
  C: 'A second message replaces the first on the device, where the device still shows it.',
  D: 'It can neither be asked nor told apart: only the recipient knows whether it came.',
};

/** The guarantee class of a provider, for people who settle a doubt. @returns null for an unknown provider. */
export function guaranteeOf(provider: string): GuaranteeClass | null {
  return findDefinition(provider)?.guarantee ?? null;
}
