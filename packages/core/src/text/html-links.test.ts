import fc from 'fast-check';
import { expect, test } from 'vitest';
import { quotedHrefs } from './html-links.ts';

const hrefs = (html: string): string[] => [...quotedHrefs(html)].map(({ value }) => value);

test.each([
  ['<a href="https://a.test">x</a>', ['https://a.test']],
  [`<A\n CLASS='b' HREF = 'https://a.test' >x</A>`, ['https://a.test']],
  ['<a title="1 > 2" href="https://a.test">x</a>', ['https://a.test']],
  ['<a href="one" href="two">x</a>', ['one']],
  ['<a href=bare href="two">x</a>', []],
  ['<a data-href="no" xhref="no" href2="no">x</a>', []],
  ['<abbr href="no"></abbr><area href="no">', []],
  ['<p title="<a href=\'no\'>">x</p><a href="yes">x</a>', ['yes']],
  ['<!-- <a href="no"> --><a href="yes">', ['yes']],
  ['<!--><a href="yes">', ['yes']],
  ['<!---><a href="yes">', ['yes']],
  ['<!----><a href="yes">', ['yes']],
  ['<!--x><a href="no">--><a href="yes">', ['yes']],
  ['<a\thref\r=\f"yes">', ['yes']],
  ['<a\rhref="yes"\ftitle="x">', ['yes']],
  ['<a href="">', ['']],
  ['<a href=x"no" href="no">', []],
  ['<a href href="no">', []],
  ['<a title="x"href="yes">', ['yes']],
  ['<a title=x/y href="yes">', ['yes']],
  ['<a =href="no">', []],
  ['<z href="no"><{a href="no"><@a href="no">', []],
  ['<textarea><a href="no"></textarea><a href="yes">', ['yes']],
  [`<!--[if ${'x'.repeat(122)}]><a href="yes">-->`, ['yes']],
  [`<!--[if ${'x'.repeat(123)}]><a href="no">-->`, []],
  ['<!--[if mso]><a href="outlook"><![endif]--><a href="yes">', ['outlook', 'yes']],
  ['<!DOCTYPE html><?xml version="1.0"?><a href="yes">', ['yes']],
  ['<script>"<a href=\'no\'>"</script><a href="yes">', ['yes']],
  ['<style>a::after{content:"<a href=\'no\'>"}</STYLE ><a href="yes">', ['yes']],
  ['<script></scripts><a href="no"></script><a href="yes">', ['yes']],
  ['1 < 2 <a href="yes"> < a href="no">', ['yes']],
  ['</a href="no"><a/href="yes">', ['yes']],
])('of %j the links are %j', (html, expected) => {
  expect(hrefs(html)).toEqual(expected);
});

test.each([
  ['an unclosed tag', '<a href="no"'],
  ['an unclosed quote', '<a href="no>x</a>'],
  ['an unclosed comment', '<!-- <a href="no">'],
  ['an unclosed script', '<script><a href="no">'],
])('nothing is found in %s', (_, html) => {
  expect(hrefs(html)).toEqual([]);
});

/** The regular expression used before: correct for plain mails, quadratic for others. */
const REFERENCE = /<a\b[^>]*?\shref\s*=\s*(?:"([^"]*)"|'([^']*)')/gi;

test('in an ordinary mail it finds the same links as a regular expression', () => {
  const piece = fc.constantFrom(
    ...['<p>', '</p>', '<br/>', '<img src="https://i.test/x.png" alt="a b">', 'text & more', '\n'],
    ...['<a href="https://a.test/?x=1&amp;y=2">', "<a class='c' href='mailto:x'>", '<a\n\thref="#">', '<a>'],
    ...[
      '</a>',
      '<table width=100% border=0>',
      '<link href="https://c.test">',
      '<a id=x href="b" target=_top>',
    ],
  );
  fc.assert(
    fc.property(fc.array(piece), (pieces) => {
      const html = pieces.join('');
      const expected = [...html.matchAll(REFERENCE)].map((match) => match[1] ?? match[2]);
      expect(hrefs(html)).toEqual(expected);
    }),
  );
});

/** 700,000 characters each: a quadratic search over them takes minutes longer than the timeout of a test. */
test.each([
  '<a ',
  '<a href=',
  '<a href="',
  '<a href=\'x" ',
  '<a x=">" ',
  '<a<',
  '<!--',
  '<!--[if',
  '<!--[if]>',
  '<script>',
  '<script></scrip',
  '<style></',
  '<p title="<a href=\'',
  '</a ',
  '</body ',
  '< ',
  '<a\thref\n=\n',
])('a text of %j again and again is read in one pass', (piece) => {
  const html = piece.repeat(Math.ceil(700_000 / piece.length));
  expect(hrefs(html).length).toBeLessThan(html.length);
});

test('a link is given with the places of its quotes', () => {
  const html = `<p><a class="x" href = 'https://a.test' id="y">x</a> <a href="">`;
  const found = [...quotedHrefs(html)];
  expect(found.map(({ begin, end }) => html.slice(begin, end))).toEqual(["'https://a.test'", '""']);
  expect(found.map(({ begin }) => begin)).toEqual([html.indexOf("'"), html.lastIndexOf('""')]);
});
