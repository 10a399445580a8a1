import { describe, expect, test } from 'vitest';
import { applied, fieldsOf, mergeTexts, pathsOf, sampleFor, withField, withoutText } from './texts.ts';

const BASE = { email: { en: { subject: 'S', text: 'T' } }, sms: { en: { text: 'M' } } };
const change = (field: string, value: string) => ({
  ...BASE,
  email: { en: { ...BASE.email.en, [field]: value } },
});

describe('two people’s changes', () => {
  test('in different fields are both kept', () => {
    const { texts, clashes, theirs } = mergeTexts(BASE, change('subject', 'Mine'), change('text', 'Theirs'));
    expect(texts).toEqual({ ...BASE, email: { en: { subject: 'Mine', text: 'Theirs' } } });
    expect(clashes).toEqual([]);
    expect(theirs).toMatchObject([{ field: 'text', after: 'Theirs' }]);
  });

  test('of the same field clash, and theirs stays until somebody decides', () => {
    const { texts, clashes } = mergeTexts(BASE, change('subject', 'Mine'), change('subject', 'Theirs'));
    expect(texts).toEqual(change('subject', 'Theirs'));
    expect(clashes).toMatchObject([{ place: 'email/en/subject', mine: 'Mine', theirs: 'Theirs' }]);
    expect(applied(texts, clashes[0]!, clashes[0]!.mine)).toEqual(change('subject', 'Mine'));
  });

  test('that say the same are no clash', () => {
    expect(mergeTexts(BASE, change('subject', 'Same'), change('subject', 'Same')).clashes).toEqual([]);
  });

  test('keep a language that one of them added and drop one that one of them removed', () => {
    const added = { ...BASE, email: { ...BASE.email, de: { subject: 'D', text: 'D' } } };
    expect(mergeTexts(BASE, added, withoutText(BASE, 'sms', 'en')).texts).toEqual({ email: added.email });
    expect(mergeTexts(BASE, withoutText(BASE, 'sms', 'en'), added).texts).toEqual({ email: added.email });
  });
});

test('an e-mail in MJML shows that in the place of HTML, and keeps it when it is emptied', () => {
  const mjml = { subject: 'S', mjml: '<mjml>' };
  expect(fieldsOf('email', mjml).map(({ field }) => field)).toEqual(['subject', 'mjml', 'text']);
  expect(fieldsOf('email', { subject: 'S' }).map(({ field }) => field)).toEqual(['subject', 'html', 'text']);
  const at = { channel: 'email', locale: 'en', field: 'mjml' } as const;
  expect(withField({ email: { en: mjml } }, at, '').email!.en).toEqual({ subject: 'S', mjml: '' });
});

test('an optional field that is emptied is left out, a required one stays', () => {
  const at = { channel: 'email', locale: 'en' } as const;
  expect(withField(BASE, { ...at, field: 'text' }, '').email!.en).toEqual({ subject: 'S' });
  expect(withField(BASE, { ...at, field: 'subject' }, '').email!.en).toEqual({ subject: '', text: 'T' });
});

test('sample data has every variable, and its paths are offered', () => {
  const data = sampleFor(['name', 'order.id', 'order.ship_date']);
  expect(data).toEqual({ name: 'name', order: { id: 'id', ship_date: 'ship date' } });
  expect(pathsOf(data)).toEqual(['name', 'order', 'order.id', 'order.ship_date']);
});
