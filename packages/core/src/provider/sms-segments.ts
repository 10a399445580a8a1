/**
 * How many messages a network splits a text into (and bills). GSM 03.38: 160 characters of its alphabet fit into one
 * message, 153 into each part of a longer one; one character outside it (an emoji, a curly quote) makes the whole text
 * UCS-2, of which 70 and 67 UTF-16 units fit. Characters of the extension table count twice and are never split between
 * parts; nor is a surrogate pair. 3GPP TS 23.038, section 6.2; TS 23.040, section 9.2.3.24.
 */
export interface SmsSize {
  encoding: 'gsm7' | 'ucs2';
  /** Septets or UTF-16 units. */
  units: number;
  segments: number;
  /** Characters that force UCS-2: replacing them may halve the price. At most 10. */
  outsideGsm7: string[];
}

const BASIC =
  '@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞ\u001bÆæßÉ !"#¤%&\'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà';
const EXTENSION = '\f^{}\\[~]|€';

const WEIGHT = new Map<string, number>([
  ...[...BASIC].map((char) => [char, 1] as const),
  ...[...EXTENSION].map((char) => [char, 2] as const),
]);

const FITS = { gsm7: { alone: 160, part: 153 }, ucs2: { alone: 70, part: 67 } } as const;

export function smsSize(text: string): SmsSize {
  const characters = [...text];
  const outside = [...new Set(characters.filter((char) => !WEIGHT.has(char)))];
  const encoding = outside.length === 0 ? 'gsm7' : 'ucs2';
  const weights = characters.map((char) => (encoding === 'gsm7' ? WEIGHT.get(char)! : char.length));
  const units = weights.reduce((sum, weight) => sum + weight, 0);
  return {
    encoding,
    units,
    segments: segmentsOf(weights, units, FITS[encoding]),
    outsideGsm7: outside.slice(0, 10),
  };
}

function segmentsOf(
  weights: readonly number[],
  units: number,
  { alone, part }: { alone: number; part: number },
): number {
  if (units <= alone) return 1;
  let segments = 1;
  let used = 0;
  for (const weight of weights) {
    // A character that does not fit entirely goes into the next part.
    if (used + weight > part) {
      segments++;
      used = 0;
    }
    used += weight;
  }
  return segments;
}
