/**
 * The words by which people leave and return to an SMS sender: those Twilio and the CTIA's guide list, in English, French,
 * Spanish and German. Only a message that is the word alone counts: "please stop by tomorrow" is not a STOP.
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

export function optWord(message: string): 'opted_out' | 'opted_in' | null {
  const word = message
    .trim()
    .replace(/[.!]+$/, '')
    .toUpperCase();
  if (OUT.includes(word)) return 'opted_out';
  return IN.includes(word) ? 'opted_in' : null;
}
