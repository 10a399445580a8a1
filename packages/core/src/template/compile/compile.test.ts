import { describe, expect, test } from 'vitest';
import { renderContent } from '../render/render.ts';
import { checkContent } from '../syntax/check.ts';
import { expandPart } from './check-part.ts';
import { type CompileTools, compileText } from './compile.ts';
import { namedParts, type Part, type PartTexts, partId, partText } from './parts.ts';

const part = (kind: Part['kind'], key: string, texts: PartTexts): [string, Part] => [
  partId({ kind, key }),
  { kind, key, texts, version: 1, hash: 'h' },
];
/** Of a compiler only what these tests are about: MJML stays as it is, a text loses its tags. */
const TOOLS: CompileTools = {
  mjml: async (source) => ({ html: source, errors: [] }),
  plainText: async (html) => html.replace(/<[^>]*>/g, ''),
};
const compiled = async (
  content: Parameters<typeof compileText>[0]['content'],
  parts: [string, Part][] = [],
  {
    channel = 'email',
    locale = 'en',
    tools = TOOLS,
  }: { channel?: 'email' | 'sms'; locale?: string; tools?: CompileTools } = {},
) => compileText({ channel, locale, content }, new Map(parts), tools);
const text = async (source: string, parts: [string, Part][], data: Record<string, unknown> = {}) => {
  const made = await compiled({ text: source }, parts, { channel: 'sms' });
  if (!made.ok) return made.problems[0]!;
  const rendering = renderContent('sms', made.content, data);
  return rendering.ok ? rendering.content.text : rendering.message;
};

describe('a partial', () => {
  test('is put in as it is where nothing could be mistaken', async () => {
    const made = await compiled(
      { text: 'Hi. {% render "footer" %}' },
      [part('partial', 'footer', { text: 'Bye {{ name }}' })],
      {
        channel: 'sms',
      },
    );
    expect(made).toMatchObject({
      ok: true,
      content: { text: 'Hi. Bye {{ name }}' },
      used: [{ key: 'footer', version: 1 }],
    });
  });

  test('sees the data and its values, and none of the variables around it', async () => {
    const parts = [part('partial', 'p', { text: '[{{ a | default: "none" }} {{ x }}]' })];
    expect(await text('{% assign a = 1 %}{% render "p", x: 2 %}{{ a }}', parts)).toBe('[none 2]1');
    expect(await text('{% render "p", x: b.c %}', parts, { a: 'data', b: { c: 3 } })).toBe('[data 3]');
    expect(await text('{% for a in l %}{% render "p", x: a %}{% endfor %}', parts, { l: [1, 2] })).toBe(
      '[none 1][none 2]',
    );
  });

  test('leaves no variables behind', async () => {
    const parts = [part('partial', 'p', { text: '{% assign b = 9 %}' })];
    expect(await text('x{% render "p" %}{{ b | default: "none" }}', parts)).toBe('xnone');
  });

  test('takes white space away where its tag says so', async () => {
    expect(await text('a  {%- render "p" -%}  c', [part('partial', 'p', { text: 'b' })])).toBe('abc');
  });

  test('needs the variables that it prints, but not its values', async () => {
    const made = await compiled(
      { text: '{% assign b = 1 %}{% render "p", a: c %}' },
      [part('partial', 'p', { text: '{{ a }}{{ b }}' })],
      {
        channel: 'sms',
      },
    );
    expect(made.ok && checkContent('sms', made.content, 'compiled')).toMatchObject({ required: ['b', 'c'] });
  });

  test('escapes its values in HTML by the place where it stands', async () => {
    const parts = [
      part('partial', 'link', { html: '<a href="{{ url }}" title="{{ words }}">{{ words }}</a>' }),
    ];
    const made = await compiled({ subject: 'S', html: '{% render "link", url: u, words: w %}' }, parts);
    if (!made.ok) throw new Error(JSON.stringify(made));
    const good = renderContent('email', made.content, { u: 'https://e.test/?a=1&b', w: '"<i>' });
    expect(good).toMatchObject({
      content: { html: '<a href="https://e.test/?a=1&amp;b" title="&#34;&lt;i&gt;">&#34;&lt;i&gt;</a>' },
    });
    expect(renderContent('email', made.content, { u: 'javascript:x', w: '' })).toMatchObject({ ok: false });
  });

  test('is chosen by the locale of the text', async () => {
    const parts = [
      part('partial', 'p', { text: 'all', locales: { de: { text: 'deutsch' }, 'pt-BR': { html: 'x' } } }),
    ];
    const of = async (locale: string) =>
      compiled({ text: '{% render "p" %}' }, parts, { channel: 'sms', locale });
    expect(await of('de-AT')).toMatchObject({ content: { text: 'deutsch' } });
    expect(await of('pt-BR')).toMatchObject({ content: { text: 'all' } });
    expect(partText({ texts: { locales: { fr: { text: 'f' } } } }, 'text', 'de')).toBe('f');
  });

  test.each([
    ['that does not exist', 'a\n {% render "none" %}', 'there is no partial "none"', 2, 2],
    ['that renders itself through another', 'a {% render "one" %}', '(one > two > one)', 1, 3],
    ['that has no text in this form', '{% render "html" %}', 'the partial "html" has no text', 1, 1],
    ['that makes too much of it', '{% render "big" %}', 'longer than', 1, 1],
    ['that is too deep', '{% render "d0" %}', 'the limit is 8', 1, 1],
  ])('%s is refused with its place', async (_, source, message, line, column) => {
    const deep = Array.from({ length: 12 }, (__, n) =>
      part('partial', `d${n}`, { text: `{% render "d${n + 1}" %}` }),
    );
    const parts = [
      part('partial', 'one', { text: '\n{% render "two" %}' }),
      part('partial', 'two', { text: '{% render "one" %}' }),
      part('partial', 'html', { html: 'x' }),
      part('partial', 'big', { text: '{% render "kilo" %}'.repeat(300) }),
      part('partial', 'kilo', { text: 'x'.repeat(1000) }),
      ...deep,
    ];
    expect(await text(source, parts)).toMatchObject({
      field: 'text',
      line,
      column,
      message: expect.stringContaining(message),
    });
  });

  test('is not put into comments and raw text', async () => {
    expect(
      await text(
        'a{% comment %}{% render "none" %}{% endcomment %}{% raw %}{% render "none" %}{% endraw %}',
        [],
      ),
    ).toBe('a{% render "none" %}');
  });
});

describe('a layout', () => {
  const base = part('layout', 'base', {
    html: '<body>\n{% assign colour = "red" %}{{ content }}<p>{% render "footer" %}</p></body>',
    text: '{{ content }}\n--\nLtd',
  });
  const footer = part('partial', 'footer', { html: '<i>{{ company }}</i>' });

  test('stands around the HTML and the text, each in its own form', async () => {
    const made = await compiled(
      { subject: 'S', html: '<b>{{ colour | default: "no" }}</b>', text: 'T', layout: 'base' },
      [base, footer],
    );
    if (!made.ok) throw new Error(JSON.stringify(made));
    expect(renderContent('email', made.content, { company: '<Ltd>' })).toMatchObject({
      content: { html: '<body>\n<b>no</b><p><i>&lt;Ltd&gt;</i></p></body>', text: 'T\n--\nLtd' },
    });
    expect(made.used.map(({ key }) => key)).toEqual(['base', 'footer']);
  });

  test('gives the derived text what it adds', async () => {
    const made = await compiled({ subject: 'S', html: '<b>Hi {{ name | escape }}</b>', layout: 'base' }, [
      base,
      footer,
    ]);
    expect(made).toMatchObject({
      isTextDerived: true,
      content: { text: expect.stringContaining('Hi {{ name }}') },
    });
    expect(made.ok && made.content.text).toContain('{{ company }}');
  });

  test.each([
    [{ html: 'x', layout: 'none' }, [], 'there is no layout "none"'],
    [{ html: 'x', layout: 'base' }, [base], 'in the layout "base", line 2: there is no partial "footer"'],
    [
      { mjml: '<mj-section></mj-section>', layout: 'base' },
      [base, footer],
      'has html and text and this e-mail is mjml',
    ],
    [
      { html: 'x', layout: 'm' },
      [part('layout', 'm', { mjml: '<mjml><mj-body>{{ content }}</mj-body></mjml>' })],
      'put it into <mj-text>',
    ],
  ])('that cannot stand around %j is refused', async (content, parts, message) => {
    expect(await compiled({ subject: 'S', ...content }, parts as [string, Part][])).toMatchObject({
      problems: [{ field: 'layout', message: expect.stringContaining(message) }],
    });
  });

  test.each([
    [{ html: '<p>x</p>' }, 'prints no {{ content }}', 1],
    [{ html: '{{ content }}\n{{ content }}' }, 'a second time', 2],
    [{ html: '<a title="{{ content }}">' }, 'inside a tag', 1],
    [{ html: '<style>{{ content }}</style>' }, 'inside a tag, a script', 1],
    [{ html: '{{ content }}', locales: { de: { text: 'x' } } }, 'prints no', 1],
  ])('%j is refused when it is stored', (texts, message, line) => {
    const { problems } = expandPart({ kind: 'layout', key: 'l' }, texts, new Map());
    expect(problems).toMatchObject([{ line, message: expect.stringContaining(message) }]);
  });
});

describe('MJML', () => {
  const document = (inside: string) => `<mjml><mj-body>\n${inside}\n</mj-body></mjml>`;

  test('is given to the compiler without Liquid, which comes back as it was', async () => {
    const given: string[] = [];
    const tools: CompileTools = {
      ...TOOLS,
      mjml: async (source) => {
        given.push(source);
        return { html: `<a title="${source.match(/\u{E000}\d+\u{E001}/u)![0]}">${source}</a>`, errors: [] };
      },
    };
    const source = document('<mj-text>{{ a | default: "<b>" }}</mj-text>');
    const made = await compiled({ subject: 'S', mjml: source }, [], { tools });
    expect(given[0]).not.toContain('{{');
    expect(made).toMatchObject({
      content: { html: expect.stringContaining('<mj-text>{{ a | default: "<b>" }}') },
    });
    expect(made.ok && Object.keys(made.content)).not.toContain('mjml');
  });

  test('that lost a tag is refused with its line and the remedy', async () => {
    const tools: CompileTools = {
      ...TOOLS,
      mjml: async (source) => ({ html: source.replace(/\u{E000}0\u{E001}/u, ''), errors: [] }),
    };
    const made = await compiled({ subject: 'S', mjml: document('{% for a in b %}x{% endfor %}') }, [], {
      tools,
    });
    expect(made).toMatchObject({
      problems: [
        { field: 'mjml', line: 2, column: 1, message: expect.stringMatching(/for a in b.*lost.*<mj-raw>/s) },
      ],
    });
  });

  test('errors of the compiler have the line of the source, and those about values of Liquid are none', async () => {
    const tools: CompileTools = {
      ...TOOLS,
      mjml: async (source) => ({
        html: source,
        errors: [
          { line: 3, message: '<mj-bad>: is not registered' },
          { line: 1, message: 'invalid value: \u{E000}0\u{E001} for type Color' },
        ],
      }),
    };
    const source = document('{% render "p" %}\n<mj-bad></mj-bad>{{ a }}');
    const made = await compiled(
      { subject: 'S', mjml: source },
      [part('partial', 'p', { mjml: '<mj-section></mj-section>' })],
      { tools },
    );
    expect(made).toMatchObject({ problems: [{ line: 3, message: expect.stringContaining('mj-bad') }] });
  });

  test.each([
    ['<mj-section><mj-text>x</mj-section>', '<mj-text> is not closed before </mj-section>'],
    ['</mj-text>', 'closes nothing'],
    ['<mj-section>', '<mj-section> is not closed'],
  ])('%s is refused, which the compiler passes', async (inside, message) => {
    const source = inside === '</mj-text>' ? inside : document(inside);
    expect(await compiled({ subject: 'S', mjml: source })).toMatchObject({
      problems: [{ message: expect.stringContaining(message) }],
    });
  });

  test('takes components of a partial between components and its HTML within a text', async () => {
    const parts = [part('partial', 'p', { mjml: '<mj-section></mj-section>', html: '<b>h</b>' })];
    const made = await compiled(
      { subject: 'S', mjml: document('{% render "p", a: 1 %}<mj-text>{% render "p" %}</mj-text>') },
      parts,
    );
    expect(made.ok && made.content.html).toContain(
      '<mj-raw>{% part a: 1 %}</mj-raw><mj-section></mj-section><mj-raw>{% endpart %}</mj-raw><mj-text><b>h</b></mj-text>',
    );
  });

  test('excludes html', async () => {
    expect(await compiled({ subject: 'S', mjml: document(''), html: 'x' })).toMatchObject({
      problems: [{ field: 'mjml' }],
    });
  });
});

describe('a plain text', () => {
  test('given by hand wins, also an empty one', async () => {
    const made = await compiled({ subject: 'S', html: '<p>x</p>', text: '' });
    expect(made).toMatchObject({ isTextDerived: false, content: { text: '' } });
  });

  test('is left out where it would show nothing', async () => {
    const made = await compiled({ subject: 'S', html: '<img>' });
    expect(made.ok && made.content).toEqual({ subject: 'S', html: '<img>' });
  });
});

test('what a text names is found in its source', () => {
  expect(
    namedParts(['{% render "a" %}{%- render \'b\', x: 1 -%}', undefined, '{% render "a" %}'], 'base'),
  ).toEqual([
    { kind: 'layout', key: 'base' },
    { kind: 'partial', key: 'a' },
    { kind: 'partial', key: 'b' },
  ]);
});
