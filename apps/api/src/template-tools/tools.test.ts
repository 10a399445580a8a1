import { compileText } from '@carillon/core/template/compile/compile';
import { renderContent } from '@carillon/core/template/render/render';
import { afterAll, describe, expect, test } from 'vitest';
import { createTemplateTools } from './tools.ts';

const tools = createTemplateTools();
afterAll(() => tools.close());

const compiled = async (content: Parameters<typeof compileText>[0]['content']) =>
  compileText({ channel: 'email', locale: 'de', content }, new Map(), tools.of('app'));
const rendered = async (
  content: Parameters<typeof compileText>[0]['content'],
  data: Record<string, unknown>,
) => {
  const made = await compiled(content);
  if (!made.ok) throw new Error(JSON.stringify(made.problems));
  const rendering = renderContent('email', made.content, data);
  if (!rendering.ok) throw new Error(rendering.message);
  return rendering.content as { html: string; text: string };
};
const problem = async (mjml: string) => {
  const made = await compiled({ subject: 'S', mjml });
  return made.ok ? null : made.problems[0]!;
};
const body = (inside: string) => `<mjml>\n<mj-body>\n${inside}\n</mj-body>\n</mjml>`;
const column = (inside: string) => body(`<mj-section><mj-column>\n${inside}\n</mj-column></mj-section>`);

describe('MJML', () => {
  test('becomes the HTML of an e-mail in the language of the text, which loads nothing from others', async () => {
    const { html } = await rendered(
      { subject: 'S', mjml: column('<mj-text>Hallo {{ name }}</mj-text>') },
      { name: '<Ada>' },
    );
    expect(html).toContain('Hallo &lt;Ada&gt;');
    expect(html).toContain('<html lang="de"');
    expect(html).not.toMatch(/googleapis|<mj-|\u{E000}/u);
  });

  test('keeps Liquid with quotes, comparisons and conditions, in texts and attributes', async () => {
    const mjml = column(
      `<mj-text>{% if n > 1 and m <= 2 %}many{% else %}{{ w | default: "<none>" }}{% endif %}</mj-text>
       <mj-button href="{{ url | default: 'https://e.test' }}" background-color="{{ colour }}">Go</mj-button>`,
    );
    const { html } = await rendered(
      { subject: 'S', mjml },
      { n: 1, m: 2, w: null, url: 'https://a.test/?b=1&c', colour: '#123456' },
    );
    expect(html).toContain('&lt;none&gt;');
    expect(html).toContain('href="https://a.test/?b=1&amp;c"');
    expect(html).toContain('#123456');
  });

  test('prints an attribute that it writes several times as often', async () => {
    const mjml = body(
      '<mj-section background-url="{{ image }}"><mj-column><mj-text>x</mj-text></mj-column></mj-section>',
    );
    const { html } = await rendered({ subject: 'S', mjml }, { image: 'https://e.test/i.png' });
    expect(html.split('https://e.test/i.png').length).toBeGreaterThan(2);
  });

  test('repeats sections by a loop in <mj-raw>', async () => {
    const section = '<mj-section><mj-column><mj-text>[{{ i }}]</mj-text></mj-column></mj-section>';
    const mjml = body(`<mj-raw>{% for i in items %}</mj-raw>${section}<mj-raw>{% endfor %}</mj-raw>`);
    const { html, text } = await rendered({ subject: 'S', mjml }, { items: [1, 2] });
    expect(html.match(/\[\d\]/g)).toEqual(['[1]', '[2]']);
    expect(text.match(/\[\d\]/g)).toEqual(['[1]', '[2]']);
  });

  test.each([
    [
      'a loop between sections',
      body('{% for i in items %}<mj-section></mj-section>{% endfor %}'),
      3,
      /is lost.*<mj-raw>/s,
    ],
    ['an unknown component', column('<mj-bad></mj-bad>'), 4, /mj-bad/],
    ['an unknown attribute', column('<mj-text colour="red">x</mj-text>'), 4, /colour/],
    ['an include', body('<mj-include path="/etc/passwd" />'), 3, /mj-include/],
    ['no document', '<mj-section></mj-section>', 1, /one <mjml>/],
    ['no MJML at all', 'hello', 1, /one <mjml>/],
  ])('refuses %s with its line', async (_, mjml, line, message) => {
    expect(await problem(mjml)).toMatchObject({
      field: 'mjml',
      line,
      message: expect.stringMatching(message),
    });
  });
});

describe('a derived plain text', () => {
  test('has the words, links and Liquid of the HTML', async () => {
    const html =
      '<h1>Hi {{ name }}</h1><style>p{}</style>{% if vip %}<p>Thanks {% if a < b %}x{% endif %} &amp; bye</p>{% endif %}<img src="{{ i }}"><ul><li>one</li></ul><a href="{{ url }}">Open</a>';
    const { text } = await rendered(
      { subject: 'S', html },
      { name: 'Ada', vip: true, a: 1, b: 2, i: 'x', url: 'https://e.test' },
    );
    expect(text.replace(/\n+/g, '\n')).toBe('Hi Ada\nThanks x & bye\n * one\nOpen [https://e.test]');
  });

  test('is the same for the same HTML', async () => {
    const html = `<p>${'word '.repeat(100)}{{ a }}</p>`;
    const [one, two] = await Promise.all([
      compiled({ subject: 'S', html }),
      compiled({ subject: 'S', html }),
    ]);
    expect(one.ok && one.content).toEqual(two.ok && two.content);
  });
});
