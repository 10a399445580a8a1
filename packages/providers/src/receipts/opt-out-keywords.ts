/**
 * The keywords by which people opt out of and into an SMS sender: those that Twilio and the CTIA's guide list, in
 * English, French, Spanish and German. Only a message that is the word alone counts: "please stop by tomorrow" is not a
 * STOP.
 */
const OUT = [
  'STOP',
  'STOPALL',
  'UNSUBSCRIBE',
  'CANCEL',
  'END',
  'QUIT',
  'OPTOUT',
  'REVOKE',
  'ARRET',
  'ARRÊT',
  'ALTO',
  'BAJA',
  'STOPP',
];
const IN = ['START', 'YES', 'UNSTOP'];

/** The longest keyword with trailing punctuation. */
const MAX_LENGTH = 64;

export function optOutKeyword(message: string): 'opted_out' | 'opted_in' | null {
  const trimmed = message.trim();
  // Before the regular expression, which is quadratic over a long row of dots.
  if (trimmed.length > MAX_LENGTH) return null;
  const word = trimmed.replace(/[.!]+$/, '').toUpperCase();
  if (OUT.includes(word)) return 'opted_out';
  return IN.includes(word) ? 'opted_in' : null;
}
