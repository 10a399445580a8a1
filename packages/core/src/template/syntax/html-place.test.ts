import { expect, test } from 'vitest';
import { type HtmlPlace, HtmlReader } from './html-place.ts';

/** The context of each `@` of a text; every one stands for an output. */
function placesIn(html: string): HtmlPlace[] {
  const reader = new HtmlReader();
  return html
    .split('@')
    .slice(0, -1)
    .map((literal) => {
      reader.read(literal);
      const { place } = reader;
      reader.printed();
      return place;
    });
}

test.each<[string, HtmlPlace[]]>([
  ['@', ['text']],
  ['<p>@</p>@', ['text', 'text']],
  ['1 < 2 @', ['text']],
  ['<@', ['text']],
  ['<a>@', ['text']],
  ['<a @>@', ['tag', 'text']],
  ['<a\n@>', ['tag']],
  ['<a href@>', ['tag']],
  ['<a class=@>', ['tag']],
  ['<a class="@">@', ['text', 'text']],
  ["<a class='@'>@", ['text', 'text']],
  ["<a class='\"@' @>", ['text', 'tag']],
  ['<a class="\'@" @>', ['text', 'tag']],
  ['<a class="x" @>', ['tag']],
  ['<!DOCTYPE @>@', ['text', 'text']],
  ['<!-- <a @ > --><a @>', ['text', 'tag']],
  ['<!--[if mso]><a @><![endif]-->', ['tag']],
  ['</p @>@', ['text', 'text']],
])('of %j the contexts are %j', (html, expected) => {
  expect(placesIn(html)).toEqual(expected);
});

test.each(['href', 'src', 'action', 'formaction', 'background', 'cite', 'poster', 'xlink:href', 'HREF'])(
  'the beginning of %s is a URL, its rest is not',
  (name) => {
    expect(placesIn(`<a ${name}="@@">`)).toEqual(['url', 'text']);
    expect(placesIn(`<a ${name}='@'>`)).toEqual(['url']);
    expect(placesIn(`<a ${name}="/@">`)).toEqual(['text']);
    expect(placesIn(`<a ${name} = "@">`)).toEqual(['url']);
    expect(placesIn(`<a ${name}=@@>`)).toEqual(['url', 'tag']);
    expect(placesIn(`<a ${name}=/@>`)).toEqual(['tag']);
    expect(placesIn(`<a ${name}=x class=@>`)).toEqual(['tag']);
    expect(placesIn(`<a ${name}="x" class="@">`)).toEqual(['text']);
    expect(placesIn(`<a ${name}="@" ${name}="@">`)).toEqual(['url', 'url']);
  },
);

test.each(['data-href', 'href2', 'hre', 'title', `${'x'.repeat(40)}href`])(
  'the beginning of %s is no URL',
  (name) => {
    expect(placesIn(`<a ${name}="@">`)).toEqual(['text']);
  },
);

test('a space or a slash ends the name of an attribute without a value', () => {
  expect(placesIn('<input disabled href="@">')).toEqual(['url']);
  expect(placesIn('<input/href="@">')).toEqual(['url']);
  expect(placesIn('<input x/href="@">')).toEqual(['url']);
  expect(placesIn('<input href disabled="@">')).toEqual(['text']);
});

test.each<[string, HtmlPlace]>([
  ['script', 'script'],
  ['style', 'style'],
  ['SCRIPT', 'script'],
])('the content of <%s> lasts until its own end tag', (name, place) => {
  expect(placesIn(`<${name}>@<b @</b>@</${name}>@`)).toEqual([place, place, place, 'text']);
  expect(placesIn(`<${name} src="@">@`)).toEqual(['url', place]);
  expect(placesIn(`<${name}></${name} @><a @>`)).toEqual(['text', 'tag']);
});

test.each(['textarea', 'title'])('the content of <%s> is text, whatever it looks like', (name) => {
  expect(placesIn(`<${name}>@<a @ href="@</${name}><a @>`)).toEqual(['text', 'text', 'text', 'tag']);
});

test('a literal that ends anywhere in a tag goes on in the next one', () => {
  const html = '<!-- x --><a class="b" href=\'c\' title=d>e</a><script>f</script>';
  for (let cut = 0; cut <= html.length; cut++) {
    const reader = new HtmlReader();
    const whole = new HtmlReader();
    whole.read(html.slice(0, cut));
    for (const character of html.slice(0, cut).match(/<!--|-->|<\/?[a-z]*|[\s\S]/g) ?? [])
      reader.read(character);
    expect(reader.place, html.slice(0, cut)).toBe(whole.place);
  }
});
