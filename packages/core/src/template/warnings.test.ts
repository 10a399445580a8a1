import { describe, expect, test } from 'vitest';
import {
  CLIPPED_AFTER_BYTES,
  warnOfData,
  warnOfNewVariables,
  warnOfRendered,
  warnOfSource,
  warnOfTexts,
} from './warnings.ts';

const html = (source: string) => warnOfSource('email', { subject: 'S', text: 'T', html: source }, 'en');
const codes = (source: string) => html(source).map(({ code }) => code);

describe('images', () => {
  test('without alt are named with line and column', () => {
    expect(html('<p>\n <img src="a.png">')).toMatchObject([
      { code: 'image_without_alt', path: 'en.html', line: 2, column: 2 },
    ]);
  });

  test.each([
    '<img src="https://e.test/a" alt="A">',
    '<img src="https://e.test/a" alt="">',
    "<IMG ALT = 'x' src=a>",
    '<img src="{{ url }}" alt="{{ name }}">',
    '<img {{ attributes }}>',
    '<img {% if alt %}alt="x"{% endif %}>',
    '<!-- <img src="a"> -->',
    '<image src="a">',
    '<img',
  ])('%s is right, or nothing that can be judged', (source) => {
    expect(codes(source)).toEqual([]);
  });

  test('a condition with > in a tag does not end it', () => {
    expect(codes('<img src="https://e.test/a" {% if n > 1 %}x{% endif %} alt="">')).toEqual([]);
  });
});

test('links to nowhere are named', () => {
  expect(codes('<a href="#">x</a><a href="">y</a><a href="{{ url }}">z</a><a name="n">')).toEqual([
    'link_to_nowhere',
    'link_to_nowhere',
  ]);
});

test.each([
  ['<a href="/offers">', 'relative_link'],
  ['<a href="www.example.com">', 'relative_link'],
  ['<img alt="" src="logo.png">', 'relative_link'],
  ['<a href="http://example.com">', 'insecure_link'],
  ['<a href="https://{{ host }}/a">', undefined],
  ['<a href="{{ base }}/a">', undefined],
  ['<a href="https:///a">', 'bad_link'],
  ['<a href="ftp://example.com/a">', 'bad_link'],
  ['<a href="mailto:a@example.com">', undefined],
  ['<a href="tel:+4912345">', undefined],
  ['<a href="#top">', undefined],
  ['<img alt="" src="data:image/png;base64,AA">', 'bad_link'],
  ['<img alt="" src="cid:logo">', undefined],
  ['<p style="color: #777; background: #888">', 'low_contrast'],
  ['<p style="color:#000000;background-color:#fff">', undefined],
])('%s: %s', (tag, code) => {
  expect(codes(tag)[0]).toBe(code);
});

test('links and images of MJML are looked at too', () => {
  const mjml = '<mj-image src="a.png" />\n<mj-button href="#">x</mj-button>';
  expect(warnOfSource('email', { subject: 'S', text: 'T', mjml }, 'en')).toMatchObject([
    { code: 'image_without_alt', path: 'en.mjml', line: 1 },
    { code: 'link_to_nowhere', path: 'en.mjml', line: 2 },
  ]);
});

test.each([
  ['BUY NOW, {{ name }}', true],
  ['Your order is here!!', true],
  ['Win $$$', true],
  ['Your invoice {{ number | upcase }}!', false],
  ['DHL {{ n }}', false],
])('a subject %s is for filters: %s', (subject, is) => {
  const found = warnOfSource('email', { subject, text: 'T' }, 'en').some(
    ({ code }) => code === 'spam_subject',
  );
  expect(found).toBe(is);
});

test('a variable that only the new version needs is named, with the messages that had none', () => {
  expect(warnOfNewVariables(['name'], ['name'])).toEqual([]);
  expect(
    warnOfNewVariables(['name'], ['name', 'order.id'], { messages: 9, having: { order: 2 } }),
  ).toMatchObject([{ code: 'new_variable', message: expect.stringContaining('7 of the last 9 messages') }]);
});

test('HTML beyond what Gmail shows is named, as source and as rendered, by bytes', () => {
  const half = 'é'.repeat(CLIPPED_AFTER_BYTES / 2);
  expect(codes(half)).toEqual([]);
  expect(codes(`${half}a`)).toEqual(['clipped']);
  expect(warnOfRendered('email', { subject: 'S', html: `${half}a` }, 'en')).toMatchObject([
    { code: 'clipped' },
  ]);
});

test('HTML without plain text is named', () => {
  expect(warnOfSource('email', { subject: 'S', html: '<p>x</p>' }, 'en')).toMatchObject([
    { code: 'no_plain_text', path: 'en.text' },
  ]);
});

test('a long subject is named where its length is known', () => {
  const subject = 'x'.repeat(79);
  expect(warnOfSource('email', { subject, text: 'T' }, 'en')).toMatchObject([{ code: 'long_subject' }]);
  expect(warnOfSource('email', { subject: `{{ a }}${subject}`, text: 'T' }, 'en')).toEqual([]);
  expect(warnOfRendered('email', { subject, text: 'T' }, 'en')).toMatchObject([{ code: 'long_subject' }]);
});

test('a variable that one locale spells differently is named', () => {
  const text = (locale: string, variables: string[]) =>
    ({ channel: 'sms', locale, content: { text: 'T' }, variables }) as const;
  expect(warnOfTexts([text('en', ['name']), text('de', ['name'])])).toEqual([]);
  expect(warnOfTexts([text('en', ['name']), text('de', ['nmae'])]).map(({ message }) => message)).toEqual([
    '"name" is used in en and not in de; check the spelling',
    '"nmae" is used in de and not in en; check the spelling',
  ]);
});

test('variables that the data does not have are named, ours and nested ones apart', () => {
  const data = { order: { id: 1 } };
  expect(warnOfData(['order.id', 'order.note', 'unsubscribe_url'], data, 'en')).toEqual([]);
  expect(warnOfData(['vip', 'vip.level'], data, 'en')).toMatchObject([{ code: 'unknown_variable' }]);
});

test('hostile HTML is read in one pass', () => {
  const start = performance.now();
  for (const part of ['<img ', '<!--', '{{', '{%', '<a href=', '<'])
    warnOfSource('email', { subject: 'S', text: 'T', html: part.repeat(260_000 / part.length) }, 'en');
  expect(performance.now() - start).toBeLessThan(1_000);
});
