import { expect, test } from 'vitest';
import { acceptedLanguages, PAGE_LANGUAGES, PAGE_WORDS, pageLanguage, worded } from './page-words.ts';

test('every language has every word, and the same places for the title', () => {
  const shape = (value: unknown): unknown =>
    typeof value === 'string'
      ? { places: value.split('{kind}').length - 1, empty: value.trim() === '' }
      : Object.fromEntries(Object.entries(value as object).map(([key, each]) => [key, shape(each)]));
  for (const language of PAGE_LANGUAGES) expect(shape(PAGE_WORDS[language])).toEqual(shape(PAGE_WORDS.en));
});

test('a title with special signs of replacement is printed as it is', () => {
  expect(worded('“{kind}”', '$& $1')).toBe('“$& $1”');
});

test('the browser’s languages come in the order of their weight', () => {
  expect(acceptedLanguages('en;q=0.5, de-AT, fr;q=0.8, *;q=0.1, es;q=0')).toEqual(['de-AT', 'fr', 'en']);
  expect(acceptedLanguages(undefined)).toEqual([]);
  expect(acceptedLanguages(','.repeat(5_000))).toEqual([]);
});

test('the first language that we have wins', () => {
  expect(pageLanguage([null, 'pt', 'es-MX'])).toBe('es');
  expect(pageLanguage(['AR-eg'])).toBe('ar');
  expect(pageLanguage([])).toBe('en');
});
