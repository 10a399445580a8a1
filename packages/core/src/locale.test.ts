import { expect, test } from 'vitest';
import { resolveLocale } from './locale.ts';

test.each([
  [['en', 'pt-BR', 'pt'], ['pt-BR'], 'pt-BR'],
  [['en', 'pt'], ['pt-BR'], 'pt'],
  [['en', 'pt'], [null, 'PT-br'], 'pt'],
  [['en', 'de'], ['fr', 'de-AT'], 'de'],
  [['en', 'fr'], ['ja'], 'en'],
  [['fr', 'de'], ['ja'], 'de'],
  [['fr'], [], 'fr'],
  [[], ['en'], null],
])('of %j, a person who wishes %j gets %s', (available, wished, expected) => {
  expect(resolveLocale(available, wished)).toBe(expected);
});
