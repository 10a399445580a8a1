import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseField, renderField } from '../syntax/engine.ts';
import { directSegments, joinSegments } from './direct.ts';
import { renderContent } from './render.ts';

const text = (source: string, data: Record<string, unknown>) =>
  renderContent('in_app', { title: 't', body: source }, data);
const html = (source: string, data: Record<string, unknown>): string => {
  const rendering = renderContent('email', { subject: 's', text: '-', html: source }, data);
  if (!rendering.ok) throw new Error(rendering.message);
  return rendering.content.html!;
};

/** Text that tries to break out: markup, quotes, entities, template syntax, header lines. */
const hostile = fc.oneof(
  fc.string(),
  fc
    .array(fc.constantFrom('<', '>', '"', "'", '&', '&amp;', '{{', '}}', '{%', '%}', '\r\n', 'Bcc:', 'x'))
    .map((p) => p.join('')),
);

describe('html fields', () => {
  test('contain data only in escaped form, whatever its path', () => {
    const sources = [
      '{{ d }}',
      '{% capture c %}{{ d }}{% endcapture %}{{ c }}',
      '{% assign a = d %}{{ a }}',
      '{{ d | escape }}',
      '{{ d | newline_to_br | replace: "<br />", "" }}',
      '{% for x in l %}{{ x }}{% endfor %}',
      '{{ l }}',
      '{{ l | join: d }}',
      '{{ nothing | default: d }}',
      '{{ o.d | upcase | append: d }}',
    ];
    fc.assert(
      fc.property(hostile, (d) => {
        for (const source of sources) expect(html(source, { d, l: [d, d], o: { d } })).not.toMatch(/[<>"']/);
      }),
      { numRuns: 200 },
    );
  });

  test('escape once: what was captured is not escaped again', () => {
    expect(html('{% capture c %}<b>{{ d }}</b>{% endcapture %}{{ c }}', { d: 'A & B' })).toBe(
      '<b>A &amp; B</b>',
    );
    expect(html('{{ d | newline_to_br }}', { d: 'a<\nb' })).toBe('a&lt;<br />\nb');
  });

  test('never read data as a template', () => {
    fc.assert(
      fc.property(hostile, (d) => {
        const rendering = text('[{{ d }}]', { d, secret: 'hidden' });
        expect(rendering).toMatchObject({ ok: true, content: { title: 't', body: `[${d}]` } });
      }),
    );
  });
});

test('plain text is not escaped', () => {
  expect(text('{{ d }}', { d: '<A & B>' })).toMatchObject({ content: { body: '<A & B>' } });
});

describe('the direct path and LiquidJS give the same answer', () => {
  const value = fc.oneof(hostile, fc.integer(), fc.double(), fc.boolean());
  test.each(['html', 'text'] as const)('for %s', (kind) => {
    const templates = parseField(kind, 'Dear {{ a }}, {{- o.b }} costs {{ o.c.d -}} !');
    const segments = directSegments(kind, templates);
    expect(segments).not.toBeNull();
    fc.assert(
      fc.property(value, value, value, (a, b, d) => {
        const data = { a, o: { b, c: { d } } };
        const direct = joinSegments(kind, segments!, data, 100_000);
        expect(direct).not.toBeNull();
        expect(direct).toBe(renderField(kind, templates, data, 100_000));
      }),
    );
  });

  test('lists, objects, missing variables and computed ones are left to LiquidJS', () => {
    const templates = parseField('text', '{{ a }}');
    expect(joinSegments('text', directSegments('text', templates)!, { a: [1] }, 99)).toBeNull();
    expect(joinSegments('text', directSegments('text', templates)!, {}, 99)).toBeNull();
    expect(directSegments('text', parseField('text', '{{ a.size }}'))).toBeNull();
    expect(text('{{ a.size }}{{ a }}{{ n }}', { a: ['x', 'y'], n: '' })).toMatchObject({
      content: { body: '2xy' },
    });
  });
});

describe('a subject', () => {
  test('is one line, whatever the data', () => {
    fc.assert(
      fc.property(hostile, (d) => {
        const rendering = renderContent('email', { subject: 'Re: {{ d }}', text: '-' }, { d });
        if (rendering.ok) expect(rendering.content.subject).not.toMatch(/[\p{Cc}\u2028\u2029]/u);
      }),
    );
  });

  test('keeps an injected header as harmless text', () => {
    const rendering = renderContent(
      'email',
      { subject: 'Hi {{ d }}', text: '-' },
      { d: 'Ada\r\nBcc: eve@example.com' },
    );
    expect(rendering).toMatchObject({ content: { subject: 'Hi Ada Bcc: eve@example.com' } });
  });
});

describe('a url', () => {
  const url = (source: string, d: string) =>
    renderContent('push', { title: 't', body: 'b', url: source }, { d });

  test.each([
    'javascript:alert(1)',
    ' JavaScript:alert(1)',
    'data:text/html,x',
    'java\nscript:x',
    '//evil.example',
    'evil',
    'app://x',
  ])('from data may not be %j', (d) => {
    expect(url('{{ d }}', d)).toMatchObject({ ok: false, code: 'render_failed' });
  });

  test.each([
    'https://example.com/a?b=c#d',
    'http://localhost:3000/',
    'mailto:a@example.com',
    'tel:+15005550006',
    '/orders/1',
  ])('from data may be %s', (d) => {
    expect(url('{{ d }}', d)).toMatchObject({ ok: true, content: { url: d } });
  });

  test('may have the deep-link scheme that the template itself names', () => {
    expect(url('shop://orders/{{ d }}', '17')).toMatchObject({ content: { url: 'shop://orders/17' } });
    expect(url('javascript://{{ d }}', '17')).toMatchObject({ ok: false });
  });

  test('that renders empty is omitted', () => {
    const rendering = url('{{ d }}', ' ');
    expect(rendering.ok && 'url' in rendering.content).toBe(false);
  });
});

describe('rendering fails as a value, naming the reason, when', () => {
  test('data lacks a required variable', () => {
    expect(text('{{ name }} {{ order.id }}', {})).toEqual({
      ok: false,
      code: 'missing_variables',
      message: 'data lacks name, order.id',
      work: 0,
    });
  });

  test('a branch that is taken turns out to need one', () => {
    expect(text('{% if vip %}{{ perk }}{% endif %}', { vip: true })).toMatchObject({
      code: 'missing_variables',
    });
    expect(text('-{% if vip %}{{ perk }}{% endif %}', { vip: false })).toMatchObject({ ok: true });
  });

  test('the result outgrows its field', () => {
    const rendering = renderContent('sms', { text: 'Hi {{ d }}' }, { d: 'x'.repeat(1_600) });
    expect(rendering).toMatchObject({ code: 'output_too_large', message: expect.stringContaining('1600') });
  });

  test.each([
    ['a long range', '{% for i in (1..100000000) %}{% endfor %}'],
    [
      'empty loops in loops',
      '{% for a in l %}{% for b in l %}{% for c in l %}{% for d in l %}{% endfor %}{% endfor %}{% endfor %}{% endfor %}',
    ],
    [
      'doubling by capture',
      '{% assign x = "aaaaaaaa" %}{% for i in (1..99) %}{% capture x %}{{ x }}{{ x }}{% endcapture %}{% endfor %}',
    ],
    [
      'doubling by append',
      '{% assign x = "aaaaaaaa" %}{% for i in (1..99) %}{% assign x = x | append: x %}{% endfor %}',
    ],
    ['the same long list again and again', '{% assign s = l | sum %}'.repeat(10_500)],
    ['padding', '{{ 0 | date: "%999999999d" }}'],
  ])('work is made by %s', (_, source) => {
    expect(text(source, { l: Array(200).fill(1) })).toMatchObject({ ok: false, code: 'render_failed' });
  });

  test('it reads a prototype', () => {
    for (const path of ['d.constructor', 'd.__proto__', 'constructor', 'd.toString']) {
      expect(text(`{{ ${path} }}`, { d: 'x' })).toMatchObject({ code: 'missing_variables' });
    }
  });
});

describe('caching', () => {
  test('keeps keys apart and gives the same result as without a cache', () => {
    const render = (source: string, cacheKey?: string) =>
      renderContent('sms', { text: source }, { a: 1 }, cacheKey === undefined ? {} : { cacheKey });
    expect(render('one {{ a }}', 'k/1')).toEqual(render('one {{ a }}'));
    expect(render('two {{ a }}', 'k/2')).toEqual(render('two {{ a }}'));
    expect(render('one {{ a }}', 'k/1')).toEqual(render('one {{ a }}'));
  });

  test('what is known under a key is not parsed again', () => {
    const render = (source: string) =>
      renderContent('sms', { text: source }, { a: 1 }, { cacheKey: 'known/1' });
    expect(render('one {{ a }}')).toMatchObject({ ok: true, content: { text: 'one 1' } });
    expect(render('one {{ a')).toMatchObject({ ok: true, content: { text: 'one 1' } });
  });

  test('inline content is final: it is returned unchanged, braces included', () => {
    const content = { text: 'Use {{ name }} and {% if %}' };
    expect(renderContent('sms', content, null)).toEqual({ ok: true, content, work: 0 });
  });

  test('content without template syntax is returned unchanged', () => {
    const content = { text: 'Hello' };
    const rendering = renderContent('sms', content, {});
    expect(rendering.ok && rendering.content).toBe(content);
  });
});

describe('unsubscribe_url', () => {
  const LINK = 'https://api.test/v1/unsubscribe/a.b';
  const mail = (text: string) => ({ subject: 'News', text });
  const textOf = (template: string, data: Record<string, unknown>) => {
    const rendered = renderContent('email', mail(template), data);
    return rendered.ok ? rendered.content.text : rendered.code;
  };

  test('is not required in the data of an e-mail: if there is none it is false and prints nothing', () => {
    const template = 'Hi{% if unsubscribe_url %}, leave: {{ unsubscribe_url }}{% endif %}';
    expect(textOf(template, {})).toBe('Hi');
    expect(textOf(template, { unsubscribe_url: LINK })).toBe(`Hi, leave: ${LINK}`);
    expect(textOf('Leave: {{ unsubscribe_url }}', {})).toBe('Leave: ');
  });

  test('is an ordinary variable in other channels', () => {
    expect(renderContent('sms', { text: '{{ unsubscribe_url }}' }, {})).toMatchObject({
      ok: false,
      code: 'missing_variables',
    });
  });
});
