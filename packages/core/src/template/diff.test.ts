import { expect, test } from 'vitest';
import { diffTexts } from './diff.ts';

const OLD = { email: { en: { subject: 'A', text: 'T' }, de: { subject: 'B', text: 'T' } } };

test('equal versions have no differences', () => {
  expect(diffTexts(OLD, structuredClone(OLD))).toEqual([]);
});

test('a changed field, a removed locale and an added channel are named by place', () => {
  const now = { email: { en: { subject: 'A2', text: 'T' } }, sms: { en: { text: 'S' } } };
  expect(diffTexts(OLD, now)).toEqual([
    { channel: 'email', locale: 'de', field: 'subject', change: 'removed', before: 'B', after: null },
    { channel: 'email', locale: 'de', field: 'text', change: 'removed', before: 'T', after: null },
    { channel: 'email', locale: 'en', field: 'subject', change: 'changed', before: 'A', after: 'A2' },
    { channel: 'sms', locale: 'en', field: 'text', change: 'added', before: null, after: 'S' },
  ]);
});

test('an empty text is not a missing one', () => {
  const now = { email: { ...OLD.email, en: { ...OLD.email.en, html: '' } } };
  expect(diffTexts(OLD, now)).toMatchObject([{ field: 'html', change: 'added', after: '' }]);
});
