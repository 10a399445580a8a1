import { describe, expect, test } from 'vitest';
import type { Content } from '../../notification/message.ts';
import { smsSize } from '../../provider/sms-segments.ts';
import { renderContent } from '../render/render.ts';

const rendered = (
  text: string,
  data: Record<string, unknown>,
  options: Parameters<typeof renderContent>[3] = {},
  content: Content = { text },
) => {
  const rendering = renderContent('sms', content, data, options);
  return rendering.ok ? rendering.content.text : `${rendering.code}: ${rendering.message}`;
};
const at = '2026-11-30T14:05:00Z';

describe('values are written as in the locale of the person', () => {
  test.each([
    ['{{ n | number }}', 'de', '1.234.567,891'],
    ['{{ n | number: 2 }}', 'en', '1,234,567.89'],
    ['{{ n | number: 2 }}', 'de-CH', "1'234'567.89"],
    ['{{ n | number: 0 }}', 'fr', '1 234 568'],
    ['{{ 0.256 | percent }}', 'de', '26 %'],
    ['{{ 0.256 | percent: 1 }}', 'en', '25.6%'],
    ['{{ n | currency: "EUR" }}', 'de', '1.234.567,89 \u20ac'],
    ['{{ 12 | currency: "jpy" }}', 'en', '\u00a512'],
    ['{{ 12.5 | currency: "USD", 0 }}', 'en', '$13'],
    ['{{ t | date: "short" }}', 'en', '11/30/26'],
    ['{{ t | date: "medium" }}', 'de', '30.11.2026'],
    ['{{ t | date: "full" }}', 'fr', 'lundi 30 novembre 2026'],
    ['{{ t | time }}', 'en', '2:05 PM'],
    ['{{ t | time }}', 'de', '14:05'],
    ['{{ t | date_time }}', 'en', 'Nov 30, 2026, 2:05 PM'],
    ['{{ t | date_time: "short", "Asia/Tokyo" }}', 'de', '30.11.26, 23:05'],
    ['{{ t | time: "short", "+05:30" }}', 'de', '19:35'],
    ['{{ l | list }}', 'en', 'Ada, Bob, and Cleo'],
    ['{{ l | list: "or" }}', 'de', 'Ada, Bob oder Cleo'],
  ])('%s in %s is %s', (text, locale, expected) => {
    const data = { n: 1234567.891, t: at, l: ['Ada', 'Bob', 'Cleo'] };
    expect(rendered(text, data, { locale })).toBe(expected);
  });

  test('a region of the person counts where their language is that of the text', () => {
    const text = '{{ n | number: 2 }}';
    expect(rendered(text, { n: 1234.5 }, { locale: 'de', formatLocale: 'de-AT' })).toBe('1 234,50');
    expect(rendered(text, { n: 1234.5 }, { locale: 'en', formatLocale: 'de-AT' })).toBe('1,234.50');
    expect(rendered(text, { n: 1234.5 }, { locale: 'i-klingon', formatLocale: 'i-klingon' })).toBe(
      '1,234.50',
    );
  });

  test('names of days in patterns stay those of the text', () => {
    const options = { locale: 'de', formatLocale: 'de-AT' };
    expect(rendered('{{ "2026-01-05" | date: "%B" }}', {}, options)).toBe('Januar');
  });

  test('times are shown in the zone of the person', () => {
    const options = { locale: 'en', timeZone: 'America/New_York' };
    expect(rendered('{{ t | date_time: "short" }}', { t: at }, options)).toBe('11/30/26, 9:05 AM');
    expect(rendered('{{ "2026-11-30 09:00" | time }}', {}, options)).toBe('9:00 AM');
  });

  test('spaces in numbers and times do not make an SMS a longer one', () => {
    const text = rendered('{{ n | number }} {{ t | time }}', { n: 1234567, t: at }, { locale: 'fr' })!;
    expect(smsSize(text).encoding).toBe('gsm7');
    const html = renderContent(
      'email',
      { subject: 'S', html: '{{ n | number }}' },
      { n: 1234567 },
      { locale: 'fr' },
    );
    expect(html).toMatchObject({ content: { html: '1\u00a0234\u00a0567' } });
  });
});

describe('plural', () => {
  const forms = '{{ n | plural: zero: "nothing", one: "item", few: "few", other: "items" }}';
  test.each([
    [1, 'en', 'item'],
    [2, 'en', 'items'],
    ['1', 'en', 'item'],
    [0, 'en', 'nothing'],
    [3, 'pl', 'few'],
    [5, 'pl', 'items'],
    [1.5, 'en', 'items'],
    ['many', 'en', 'items'],
    [['a'], 'en', 'item'],
  ])('of %j in %s is %s', (n, locale, expected) => {
    expect(rendered(forms, { n }, { locale })).toBe(expected);
  });
});

describe('what is no value of its kind', () => {
  test.each([
    ['{{ v | number }}', 'soon', 'soon'],
    ['{{ v | date: "medium" }}', 'soon', 'soon'],
    ['{{ v | time }}', 'soon', 'soon'],
    ['{{ v | list }}', 'one', 'one'],
    ['{{ v | number }}', '12345678901234567.89', '12,345,678,901,234,567.89'],
  ])('%s of %j is %s', (text, v, expected) => {
    expect(rendered(text, { v })).toBe(expected);
  });

  test('a code of a currency that data brings is checked when it is used', () => {
    expect(rendered('{{ 1 | currency: c }}', { c: 'EURO' })).toContain('"EURO" is no currency');
  });
});

test('values that filters write are escaped like others', () => {
  const content = { subject: 'S', html: '{{ l | list }} {{ n | plural: other: w }}' };
  const made = renderContent('email', content, { l: ['<b>', 'a'], n: 2, w: '<i>' });
  expect(made).toMatchObject({ content: { html: '&lt;b&gt; and a &lt;i&gt;' } });
});

test('the first engine knows none of these and prints the words of styles as they are', () => {
  expect(rendered('{{ t | date: "medium" }}', { t: at }, { engine: 1 })).toBe('medium');
  expect(rendered('{{ t | number }}', { t: 1 }, { engine: 1 })).toContain('undefined filter');
});
