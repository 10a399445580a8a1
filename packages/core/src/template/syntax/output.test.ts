import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Content } from '../../notification/message.ts';
import { blankField } from '../render/blank.ts';
import { renderContent } from '../render/render.ts';
import { checkTemplate } from './check.ts';

const html = (source: string, data: Record<string, unknown>): string => {
  const rendering = renderContent('email', { subject: 's', text: '-', html: source }, data);
  return rendering.ok ? rendering.content.html! : `${rendering.code}: ${rendering.message}`;
};
const text = (source: string, data: Record<string, unknown>): string => {
  const rendering = renderContent('in_app', { title: 't', body: source }, data);
  return rendering.ok ? rendering.content.body! : `${rendering.code}: ${rendering.message}`;
};

describe('what is rendered is well-formed', () => {
  test.each([
    ['{{ s | split: "" | first }}', '😀'],
    ['{{ s | split: "" | join: "-" }}', '😀-d-a'],
    ['{{ s | first }}', '😀'],
    ['{{ s | slice: 0 }}', '😀'],
    ['{{ s | truncate: 2, "" }}', '😀d'],
    ['{{ e | last }}', '😀'],
    ['{{ s | split: "\\ude00" | last }}', 'da'],
    ['{{ s | split: "\\ude00" | first }}', '\ufffd'],
    ['{{ s | replace: "\\ud83d", "x" }}', 'x\ufffdda'],
    ['{{ "a\\u0000b" }}', 'a\ufffdb'],
    ['{{ "\\ud83d" | url_encode }}', '%EF%BF%BD'],
    ['{{ "\\ud83d" | json }}', '"\ufffd"'],
  ])('%s prints %j', (source, expected) => {
    expect(text(source, { s: '😀da', e: 'da😀' })).toBe(expected);
  });

  test('in every field of every channel, inline content too', () => {
    const half = '{{ s | split: "\\ude00" | first }}';
    const contents: [Parameters<typeof renderContent>[0], Content][] = [
      ['email', { subject: half, text: half, html: half }],
      ['sms', { text: half }],
      ['push', { title: half, body: half, url: `https://a.test/${half}` }],
      ['in_app', { title: half, body: half, url: `https://a.test/${half}` }],
    ];
    for (const [channel, content] of contents) {
      const rendering = renderContent(channel, content, { s: '😀' });
      expect(rendering).toMatchObject({ ok: true });
      if (rendering.ok)
        for (const field of Object.values(rendering.content)) expect(field).toMatch(/\ufffd$/);
      const inline = renderContent(channel, { ...content, text: 'a\ud83d\u0000', title: '\udc00' }, null);
      if (inline.ok)
        for (const field of Object.values(inline.content)) expect(field.isWellFormed()).toBe(true);
    }
  });

  test('whatever the data', () => {
    const unit = fc.nat(0xffff).map((code) => String.fromCharCode(code));
    const source =
      '.{{ s | slice: 0, 2 }}{{ s | split: "" | reverse | join }}{{ s | truncate: 3 }}{{ s | json }}';
    fc.assert(
      fc.property(
        fc.array(unit).map((units) => units.join('')),
        (s) => {
          const printed = text(source, { s });
          expect(printed.isWellFormed() && !printed.includes('\u0000')).toBe(true);
        },
      ),
    );
  });
});

describe('an object prints as JSON', () => {
  test.each([
    ['{{ o }}', '{"a":1,"b":["x"]}'],
    ['{{ l }}', '{"a":1}2x'],
    ['{{ l | join: ", " }}', '{"a":1}, 2, x'],
    ['{{ o | append: "!" }}', '{"a":1,"b":["x"]}!'],
    ['{{ "see " | append: o }}', 'see {"a":1,"b":["x"]}'],
    ['{% capture c %}{{ o }}{% endcapture %}{{ c }}', '{"a":1,"b":["x"]}'],
    ['{{ t }}', '{"toString":"x","valueOf":"y"}'],
    [
      '{% for i in l limit: 1 %}{{ forloop }}{% endfor %}',
      expect.stringMatching(/^\{"name":.*"last":true\}$/),
    ],
  ])('%s', (source, expected) => {
    const data = { o: { a: 1, b: ['x'] }, l: [{ a: 1 }, 2, 'x'], t: { toString: 'x', valueOf: 'y' } };
    expect(text(source, data)).toEqual(expected);
  });
});

describe('in an html field a value is escaped for its context', () => {
  const hostile = `Tom & "Jerry" </script><b x='1'>\u2028`;

  test('JSON in a script is the same value when it is parsed, and cannot end the script', () => {
    fc.assert(
      fc.property(fc.oneof(fc.jsonValue(), fc.constant(hostile)), (d) => {
        const document = html('<script type="application/ld+json">{"v": {{ d | json }}}</script>', {
          d: d ?? '',
        });
        const [, script] = /^<script type="application\/ld\+json">(.*)<\/script>$/s.exec(document)!;
        expect(script).not.toMatch(/[<>&\u2028\u2029]/);
        expect(JSON.parse(script!)).toEqual({ v: JSON.parse(JSON.stringify(d ?? '')) });
      }),
    );
  });

  test.each([
    ['elsewhere JSON is text', '<p>{{ d | json }}</p>', '"<', '<p>&#34;\\&#34;\\u003c&#34;</p>'],
    [
      'a style sheet gets CSS escapes',
      '<style>b{color:{{ d }}}</style>',
      '#f00;}x{',
      '<style>b{color:#f00\\3b \\7d x\\7b }</style>',
    ],
    ['an attribute without quotes stays one', '<a id={{ d }}>', 'x onclick=y', '<a id=x&#32;onclick&#61;y>'],
    ['a quoted one too', '<a title="{{ d }}">', '"> <b', '<a title="&#34;&gt; &lt;b">'],
    [
      'a link may lead anywhere',
      '<a href="{{ d }}">',
      'https://a.test/?b=1&c',
      '<a href="https://a.test/?b=1&amp;c">',
    ],
    ['or be a path', "<a href='/x?{{ d }}'>", 'javascript:', "<a href='/x?javascript:'>"],
    [
      'but runs no code',
      '<a href="{{ d }}">',
      'java\nscript:alert(1)',
      expect.stringContaining('render_failed: html: data brings a link with the scheme "javascript"'),
    ],
    ['nor without quotes', '<img src={{ d }}>', 'data:text/html,x', expect.stringContaining('scheme "data"')],
    ['text is text', '<p title="x">{{ d }}</p>', '<&', '<p title="x">&lt;&amp;</p>'],
    [
      'after a comment and a script as well',
      '<!-- <style> --><script>1</script>{{ d }}',
      '<',
      '<!-- <style> --><script>1</script>&lt;',
    ],
  ])('%s', (_, source, d, expected) => {
    expect(html(source, { d })).toEqual(expected);
  });

  test.each([
    ['<script>var a = {{ d }}</script>', 'print it as JSON', 17],
    ['<SCRIPT\ntype="x">{% if d %}{{ d | upcase }}{% endif %}</SCRIPT>', 'print it as JSON', 20],
    ['<script>"{{ d | json }}"</script>', 'brings its own quotes', 10],
  ])('what is no JSON in a script is refused when it is saved: %s', (source, message, column) => {
    const check = checkTemplate('html', source);
    expect(check).toMatchObject({
      ok: false,
      problems: [{ message: expect.stringContaining(message), column }],
    });
  });
});

describe('a message that shows nothing is not sent', () => {
  const field = (channel: Parameters<typeof renderContent>[0], content: Content) =>
    renderContent(channel, content, { no: false, blank: '' });
  const NONE = '{% if no %}Hi{% endif %}';

  test.each([
    ['email', { subject: NONE, text: 'x' }, 'subject'],
    ['email', { subject: '{{ blank }}\u200b', text: 'x' }, 'subject'],
    ['email', { subject: 's', text: NONE, html: ` \n${NONE}` }, 'text and html'],
    ['email', { subject: 's', html: NONE }, 'text and html'],
    ['sms', { text: ` ${NONE}\u00ad ` }, 'text'],
    ['push', { title: NONE, body: 'x' }, 'title'],
    ['push', { title: 'x', body: NONE }, 'body'],
    ['in_app', { title: NONE, body: 'x' }, 'title'],
    ['in_app', { title: 'x', body: `${NONE}\u2800` }, 'body'],
  ] as const)('%s %j: %s is named', (channel, content, name) => {
    expect(field(channel, content)).toMatchObject({
      ok: false,
      code: 'render_failed',
      message: expect.stringMatching(new RegExp(`^${name} comes? out empty`)),
    });
  });

  test('one of text and html is enough', () => {
    expect(field('email', { subject: 's', text: NONE, html: '<p>x</p>' })).toMatchObject({ ok: true });
    expect(field('email', { subject: 's', text: 'x', html: NONE })).toMatchObject({ ok: true });
  });

  test('inline content obeys the same rule', () => {
    expect(blankField('push', { title: ' ', body: 'x' })).toMatchObject({ field: 'title' });
    expect(blankField('email', { subject: 'x', text: '\t' })).toMatchObject({ field: 'text' });
    expect(blankField('sms', { text: '0' })).toBeNull();
    expect(renderContent('sms', { text: ' ' }, null)).toMatchObject({ ok: false, code: 'render_failed' });
  });
});
