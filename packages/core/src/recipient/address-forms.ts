import { canonicalEmail } from './email-address.ts';
import { canonicalPhone } from './phone-number.ts';
import { canonicalApnsToken, canonicalEndpoint } from './push-address.ts';

/** The possible meanings of an address typed into a search, in the forms in which each channel stores them. */
export interface AddressForms {
  /** In lower case: stored ones keep the case of the local part, so compare them in lower case. */
  emails: string[];
  /** E.164. */
  phones: string[];
  /** Device tokens and endpoints of push services. */
  devices: string[];
}

/** Longest text that is an address: endpoints of push services are the longest. */
export const MAX_ADDRESS_LENGTH = 2_048;

/**
 * Reads an address in any spelling: `Ada <ADA@Example.com>`, `mailto:`, a domain in any script, `+44 (0)7911 123456`,
 * `0044...`, digits without a plus sign, a device token in either case. A text may be an address of several channels.
 * Each list includes the unchanged text: earlier versions stored other forms.
 *
 * A plus sign in a query that was not encoded arrives as a space, so a space before a digit is read as one.
 */
export function addressForms(text: string): AddressForms {
  const bare = (/<([^<>]+)>\s*$/.exec(text)?.[1] ?? text).trim();
  if (bare.includes('@')) {
    const email = bare.replace(/^mailto:/i, '');
    return { emails: distinct([canonicalEmail(email), email].map(lower)), phones: [], devices: [] };
  }
  const number = /^ \d/.test(text) ? `+${bare}` : bare;
  const international = /^[1-9][\d\s().-]{6,24}$/.test(number) ? `+${number}` : null;
  return {
    emails: [],
    phones: distinct([canonicalPhone(number), international && canonicalPhone(international), number]),
    devices: distinct([canonicalApnsToken(bare), canonicalEndpoint(bare), bare]),
  };
}

function lower(text: string | null): string | null {
  return text === null ? null : text.toLowerCase();
}

function distinct(texts: readonly (string | null)[]): string[] {
  return [...new Set(texts.filter((each) => each !== null))];
}
