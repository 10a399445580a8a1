import { describe, expect, test } from 'vitest';
import { mergeTexts } from '../templates/texts.ts';
import { ALL, editable, formsOf, partTexts, withForm } from './part-texts.ts';

const PART = { html: '<p>', locales: { de: { html: '<b>', text: '' } } };

describe('the texts of a part on its page', () => {
  test('come back as they were, also a text that says nothing', () => {
    expect(partTexts(editable(PART))).toEqual(PART);
    expect(partTexts(editable({}))).toEqual({});
  });

  test('have no field that was emptied, and no language without a field', () => {
    const emptied = withForm(withForm(editable(PART), 'de', 'html', ''), 'de', 'text', '');
    expect(emptied.email).toEqual({ [ALL]: { html: '<p>' }, de: {} });
    expect(partTexts(emptied)).toEqual({ html: '<p>' });
  });

  test('of a language are its own and those for all languages', () => {
    const texts = withForm(editable(PART), ALL, 'mjml', '<mj-text>');
    expect(formsOf(texts, 'de')).toEqual(['html', 'mjml', 'text']);
    expect(formsOf(texts, ALL)).toEqual(['html', 'mjml']);
  });

  test('that two people changed are merged field by field', () => {
    const base = editable(PART);
    const { texts, clashes } = mergeTexts(
      base,
      withForm(base, ALL, 'text', 'Mine'),
      withForm(base, 'de', 'html', 'Theirs'),
    );
    expect(clashes).toEqual([]);
    expect(partTexts(texts)).toEqual({
      html: '<p>',
      text: 'Mine',
      locales: { de: { html: 'Theirs', text: '' } },
    });
  });
});
