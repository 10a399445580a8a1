/**
 * Whether a secret could be guessed: it appears in examples or defaults, repeats itself, or is too short. This is not a
 * measure of strength; output of `openssl rand` passes (all but one in more than 10^9).
 */
export const LEAST_PASSWORD_LENGTH = 12;

/** Words common in examples, defaults and hasty passwords. */
const WELL_KNOWN =
  /postgres(ql)?|redis|valkey|carillon|notifications?|passw(or)?d|p[a@][s$]{2}w[o0]rd|admin(istrator)?|root|user|guest|default|secret|token|metrics|change-?_?(me|it)?|example|test(ing)?|demo|sample|dummy|develop(ment|er)?|dev|production|prod|local(host)?|database|letmein|welcome|qwert[yz](uiop)?|asdf(gh(jkl)?)?|iloveyou|monkey|dragon|your|my|here|insert|replace|this|foobar|abc(def)*(123)?|0?1234(5(6(7(89?0?)?)?)?)?|(19|20)\d\d/g;
const LEAST_LEFT = 6;
const LEAST_DIFFERENT = 5;

/**
 * @param known further public words, such as the user's name.
 * @returns why a password or token is too weak, as the end of a sentence that begins with its name; undefined if it is
 * not.
 */
export function whyGuessable(secret: string, known: readonly string[] = []): string | undefined {
  if (secret.length < LEAST_PASSWORD_LENGTH) return `has ${secret.length} characters`;
  const words = known.filter((word) => word.length > 2).map((word) => word.toLowerCase());
  const bare = words.reduce((text, word) => text.replaceAll(word, ''), secret.toLowerCase());
  const left = bare.replace(WELL_KNOWN, '').replace(/[^\p{L}\p{N}]/gu, '');
  if (left.length < LEAST_LEFT) return 'is made of words that everybody knows';
  if (new Set(left).size < LEAST_DIFFERENT) return 'repeats a few characters';
  return undefined;
}

/** Of 32 random bytes about 30 differ; fewer than 16 does not happen. */
const LEAST_DIFFERENT_BYTES = 16;

/**
 * @param key of 32 bytes, which should be random.
 * @returns why it is not, as the end of a sentence that begins with its name; undefined if it looks random.
 */
export function whyNotRandom(key: Buffer): string | undefined {
  if (key.every((byte) => byte >= 0x20 && byte < 0x7f)) return 'is text, not random bytes';
  if (new Set(key).size < LEAST_DIFFERENT_BYTES) return 'repeats a few bytes';
  const steps = new Set(key.subarray(1).map((byte, index) => byte - key[index]!));
  if (steps.size < LEAST_DIFFERENT_BYTES / 2) return 'counts instead of being random';
  const half = key.length / 2;
  return key.subarray(0, half).equals(key.subarray(half)) ? 'says the same twice' : undefined;
}
