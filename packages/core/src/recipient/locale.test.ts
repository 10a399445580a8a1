import { expect, test } from 'vitest';
import { isLanguageTag, resolveLocale } from './locale.ts';

test.each([
  [['en', 'pt-BR', 'pt'], ['pt-BR'], 'pt-BR'],
  [['en', 'pt'], ['pt-BR'], 'pt'],
  [['en', 'pt'], [null, 'PT-br'], 'pt'],
  [['en', 'de'], ['fr', 'de-AT'], 'de'],
  [['en', 'fr'], ['ja'], 'en'],
  [['fr', 'de'], ['ja'], 'de'],
  [['fr'], [], 'fr'],
  [[], ['en'], null],
  [['zh', 'zh-Hant', 'en'], ['zh-Hant-TW'], 'zh-Hant'],
  [['zh', 'en'], ['zh-Hant-TW'], 'zh'],
  [['en', 'en-US', 'de'], ['en-US-u-fw-mon-mu-celsius'], 'en-US'],
  [['de', 'de-x-formal', 'en'], ['de-x-formal'], 'de-x-formal'],
  [['de', 'en'], ['de-x-formal'], 'de'],
  [['de', 'fr-x', 'fr'], ['fr-x-informal'], 'fr'],
  [['zh-Hant-CN', 'zh-Hant', 'en'], ['zh-Hant-CN-x-private1-private2'], 'zh-Hant-CN'],
  [['en', 'de'], ['x-klingon', 'de'], 'de'],
])('of %j, a person who wishes %j gets %s', (available, wished, expected) => {
  expect(resolveLocale(available, wished)).toBe(expected);
});

test.each([
  'en',
  'PT-br',
  'gsw',
  'zh-Hant-TW',
  'zh-cmn-Hans-CN',
  'zh-min-nan',
  'es-419',
  'sl-rozaj-biske-1994',
  'de-CH-1901',
  'en-US-u-fw-mon-mu-celsius',
  'en-a-bbb-x-a-ccc',
  'hy-Latn-IT-arevela',
  'de-x-formal',
  'x-whatever',
  'i-klingon',
  'en-GB-oed',
  'art-lojban',
])('%s is a language tag of BCP 47', (tag) => {
  expect(isLanguageTag(tag)).toBe(true);
});

test.each([
  '',
  'e',
  'en_US',
  'english!',
  'en-',
  '-en',
  'en--US',
  'en-u',
  'de-419-DE',
  'a-DE',
  'x',
  'de-1996-1996',
  'en-u-aa-u-bb',
  'ar-a-aaa-b-bbb-a-ccc',
  'en-toolongsubtag',
  `en-x-${'a-'.repeat(130)}b`,
])('%j is none', (tag) => {
  expect(isLanguageTag(tag)).toBe(false);
});
