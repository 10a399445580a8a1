/** What a template falls back to when nothing better matches. */
export const DEFAULT_LOCALE = 'en';

/**
 * Which of a template's locales a person gets: the wishes in order, each first as it stands and then as its language
 * alone (`pt-BR` -> `pt`), then `en`, then whatever there is, so that a message in a foreign language beats none.
 *
 * @param available locales the template has for the channel.
 * @param wished the request's locale first, then the recipient's; missing ones are skipped.
 * @returns one of `available`; null if there are none.
 */
export function resolveLocale(
  available: readonly string[],
  wished: readonly (string | null | undefined)[],
): string | null {
  const byName = new Map(available.map((locale) => [locale.toLowerCase(), locale]));
  for (const wish of wished) {
    if (!wish) continue;
    const name = wish.toLowerCase();
    const found = byName.get(name) ?? byName.get(name.split('-', 1)[0]!);
    if (found !== undefined) return found;
  }
  return byName.get(DEFAULT_LOCALE) ?? available.toSorted()[0] ?? null;
}
