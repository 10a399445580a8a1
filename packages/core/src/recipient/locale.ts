/** What a template falls back to when nothing better matches. */
export const DEFAULT_LOCALE = 'en';

/** A text in several languages. */
export type ByLocale = Readonly<Record<string, string>>;

/** The longest accepted tag; extensions and private use make them long (RFC 5646, 4.4). */
export const MAX_LOCALE_LENGTH = 255;

/**
 * RFC 5646, 2.1: language (2 or 3 letters; longer ones are registered for none), up to three extended languages,
 * script, region, variants, extensions, private use.
 */
const LANGUAGE_TAG =
  /^[a-z]{2,3}(?:-[a-z]{3}){0,3}(?:-[a-z]{4})?(?:-(?:[a-z]{2}|\d{3}))?(?<variants>(?:-(?:[a-z\d]{5,8}|\d[a-z\d]{3}))*)(?<extensions>(?:-[a-wy-z\d](?:-[a-z\d]{2,8})+)*)(?:-x(?:-[a-z\d]{1,8})+)?$/i;
const PRIVATE_USE = /^x(?:-[a-z\d]{1,8})+$/i;
/** The grandfathered tags that the rule above does not produce. */
const IRREGULAR = new Set(
  'en-gb-oed i-ami i-bnn i-default i-enochian i-hak i-klingon i-lux i-mingo i-navajo i-pwn i-tao i-tay i-tsu sgn-be-fr sgn-be-nl sgn-ch-de'.split(
    ' ',
  ),
);

/** Completes the sentence `"<value>" ...`. */
export const NOT_A_LOCALE = 'is not a locale; give a BCP 47 tag such as en or pt-BR';

/** A well-formed language tag of BCP 47 (RFC 5646, 2.2.9), in any case. */
export function isLanguageTag(text: string): boolean {
  if (text.length > MAX_LOCALE_LENGTH) return false;
  const tag = text.toLowerCase();
  if (IRREGULAR.has(tag) || PRIVATE_USE.test(tag)) return true;
  const found = LANGUAGE_TAG.exec(tag)?.groups;
  if (!found) return false;
  const variants = found.variants!.split('-').slice(1);
  const singletons = found.extensions!.split('-').filter((part) => part.length === 1);
  return isDistinct(variants) && isDistinct(singletons);
}

function isDistinct(parts: readonly string[]): boolean {
  return new Set(parts).size === parts.length;
}

/**
 * Which of a template's locales a person gets: the wishes in order, each by the look-up of RFC 4647, 3.4 (`zh-Hant-TW`,
 * `zh-Hant`, `zh`), then `en`, then any available one, because a message in a foreign language is better than none.
 *
 * @param available locales the template has for the channel.
 * @param wished the request's locale first, then the recipient's; missing ones are skipped.
 * @returns one of `available`; null if there are none.
 */
export function resolveLocale(
  available: readonly string[],
  wished: readonly (string | null | undefined)[],
): string | null {
  for (const wish of wished) {
    const found = lookUpLocale(available, wish);
    if (found !== null) return found;
  }
  return lookUpLocale(available, DEFAULT_LOCALE) ?? available.toSorted()[0] ?? null;
}

/** The look-up alone: null if neither the wish nor anything that it is a kind of is there. */
export function lookUpLocale(available: readonly string[], wish: string | null | undefined): string | null {
  for (let range = wish?.toLowerCase() ?? ''; range !== ''; range = shortened(range)) {
    const found = available.find((locale) => locale.toLowerCase() === range);
    if (found !== undefined) return found;
  }
  return null;
}

/** Without its last subtag, and without a single letter before it, which would introduce nothing. */
function shortened(range: string): string {
  return range.replace(/(?:-[^-])?-[^-]*$|^[^-]*$/, '');
}

/**
 * The locale in which values are written for a person: theirs, where it is of the language of the text (`de-AT` in a German one),
 * else that of the text. Grandfathered tags, for which no formats exist, become English.
 */
export function formatLocaleOf(ofText: string, ofPerson: string | null | undefined): string {
  const language = (tag: string) => tag.toLowerCase().split('-', 1)[0];
  const wished = ofPerson && language(ofPerson) === language(ofText) ? [ofPerson, ofText] : [ofText];
  return wished.find(isFormattable) ?? DEFAULT_LOCALE;
}

const formattable = new Map<string, boolean>();
const MAX_KNOWN = 1_000;

function isFormattable(tag: string): boolean {
  const known = formattable.get(tag);
  if (known !== undefined) return known;
  let is = true;
  try {
    Intl.getCanonicalLocales(tag);
  } catch {
    is = false;
  }
  if (formattable.size >= MAX_KNOWN) formattable.clear();
  formattable.set(tag, is);
  return is;
}
