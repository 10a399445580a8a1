import { describe, expect, test } from 'vitest';
import { ARITY, FILTERS } from '../filters/filters.ts';
import { renderContent } from '../render/render.ts';
import { checkTemplate } from './check.ts';

const problem = (source: string, field: 'text' | 'html' = 'text') => {
  const check = checkTemplate(field, source);
  if (check.ok) throw new Error(`accepted: ${source.slice(0, 200)}`);
  return check.problems[0]!;
};

describe('mistakes that Liquid ignores silently are refused with line and column', () => {
  test.each([
    ['{{ a ?? b }}', 'unexpected "?? b', 1, 6],
    ['{{ a ? b }}', 'unexpected "? b', 1, 6],
    ['{{ a b }}', 'unexpected "b', 1, 6],
    ['{{ a - b }}', 'unexpected "- b', 1, 6],
    ['{{ a and }}', 'a value is missing', 1, 9],
    ['\n {% if == b %}{% endif %}', 'unexpected operator "=="', 2, 8],
    ['{% if a <> b %}{% endif %}', 'unexpected operator ">"', 1, 10],
    ['{% if a not b %}{% endif %}', 'unexpected operator "not"', 1, 9],
    ['{% if a == b c %}{% endif %}', 'unexpected "c', 1, 14],
    ['{{ a, b }}', 'unexpected ", b', 1, 5],
    ['{{ a ) }}', 'unexpected ")', 1, 6],
    ['{{ a | }}', 'a filter is missing', 1, 6],
    ['{{ a | append: }}', 'an argument is missing', 1, 15],
    ['{{ a | append: "x", }}', 'an argument is missing', 1, 20],
    ['{{ a | default: allow_false: }}', 'an argument is missing', 1, 29],
    ['{{ a | default: 1, strict: true }}', 'no argument "strict", only allow_false', 1, 8],
    ['{{ a. }}', 'a name is missing behind the point', 1, 6],
    ['{{ a[b c] }}', 'unexpected "c" between the brackets', 1, 7],
    ['{{ a[] }}', 'a value is missing between the brackets', 1, 6],
    ['{% if a == "b %}{% endif %}', 'a quote is not closed', 1, 12],
    ['{% if a == "b\\" %}{% endif %}', 'a quote is not closed', 1, 12],
    ['{% if a == "%}{% endif %}', 'a quote is not closed', 1, 12],
    ['{% assign a = b c %}', 'unexpected "c', 1, 17],
    ['{% capture a b %}{% endcapture %}', 'unexpected "b', 1, 14],
    ['{% case a %}{% when 1 2 %}{% endcase %}', 'separated by a comma or by "or"', 1, 23],
    ['{% case a %}x{% when 1 %}{% endcase %}', 'between "case" and its first "when"', 1, 13],
    ['{% case a %}{% else %}{% when 1 %}{% endcase %}', 'behind "else"', 1, 23],
    ['{% unless a %}{% else %}{% else %}{% endunless %}', 'behind "else"', 1, 25],
    ['{% for i in l sorted %}{% endfor %}', 'unexpected "sorted"', 1, 15],
    ['{% for i in l limit 3 %}{% endfor %}', 'write limit:', 1, 15],
    ['{% for i in l limit: 3 limit: 4 %}{% endfor %}', 'unexpected "limit"', 1, 24],
    ['{% comment x %}{% endcomment %}', 'unexpected "x', 1, 12],
    ['{{ n | divided_by: 0 }}', 'by 0 has no result', 1, 8],
  ])('%s', (source, message, line, column) => {
    expect(problem(source)).toEqual({ message: expect.stringContaining(message), line, column });
  });

  test.each([
    '{{ a.b[c].d["e f"][0].size | default: "x", allow_false: true | append: y[1] }}',
    '{% if not a and b contains "x" or c >= 1.5 and d != blank %}{% elsif (1..3) contains e %}{% else %}{% endif %}',
    '{%- for i in (1..n) limit: 3, offset: m reversed -%}{{ forloop.index }}{% else %}{% endfor %}',
    '{% for i in l limit:2 offset:continue %}{% break %}{% continue %}{% endfor %}',
    "{% case a %} {% when 'x', 1 or nil %}{% else %}{% endcase %}",
    '{% capture "a" %}{% endcapture %}{% assign b = a | upcase %}{% unless b %}{% elsif c %}{% else %}{% endunless %}',
    '{% raw %}{{ a ?? b }}{% endraw %}{% comment %}{{ a ?? b }}{% endcomment %}',
    '{{ "it\\"s" }} {{ \'a | b\' | append: " }} " }} {{ empty? }}',
    '{{ a | append: "" }}{{ a | append: \'\' }}{{ a | append: "x\\\\" }}',
    'plain { text } }} %}',
  ])('%s is accepted', (source) => {
    expect(checkTemplate('text', source)).toMatchObject({ ok: true });
  });
});

describe('filters take as many arguments as they use', () => {
  // Those of plural have names.
  test.each(FILTERS.filter((name) => name !== 'plural'))('%s', (name) => {
    const [least, most] = ARITY[name];
    const use = (count: number) =>
      `{{ a | ${name}${count > 0 ? ': ' : ''}${Array(count).fill('b').join(', ')} }}`;
    for (let count = least; count <= most; count++)
      expect(checkTemplate('text', use(count)), use(count)).toMatchObject({ ok: true });
    expect(problem(use(most + 1)).message).toContain(`filter "${name}" takes`);
    if (least > 0) expect(problem(use(least - 1)).message).toContain(`filter "${name}" takes`);
    expect(problem(`{{ a | ${name}: x: 1 }}`).message).toContain('has no argument "x"');
  });

  test('words and codes of formats are checked', () => {
    expect(problem('{{ n | plural }}').message).toContain('needs the form other');
    expect(problem('{{ n | plural: one: "a" }}').message).toContain('needs the form other');
    expect(problem('{{ n | plural: some: "a", other: "b" }}').message).toContain('has no argument "some"');
    expect(checkTemplate('text', '{{ n | plural: one: "a", other: b }}')).toMatchObject({
      variables: ['b', 'n'],
    });
    expect(problem('{{ n | currency: "EURO" }}').message).toContain('is no currency');
    expect(problem('{{ n | time: "tiny" }}').message).toContain('is no style');
    expect(problem('{{ n | list: "nor" }}').message).toContain('is no kind');
  });

  test('a date takes a format and a zone, and no language', () => {
    expect(problem('{{ d | date: "%A", "UTC", "de" }}')).toMatchObject({ line: 1, column: 8 });
    expect(problem('{{ d | date: "%A", "de" }}').message).toContain('"de" is no time zone');
    expect(checkTemplate('text', '{{ d | date: "%A", "Europe/Berlin" }}').ok).toBe(true);
  });
});

describe('templates nested too deeply, too long or too many are refused at the position that exceeds the limit', () => {
  const nested = (depth: number): string => `${'{% if a %}\n'.repeat(depth)}${'{% endif %}'.repeat(depth)}`;

  test.each([50, 51, 3_000, 8_000])('%i blocks in each other', (depth) => {
    if (depth === 50) expect(checkTemplate('text', nested(depth)).ok).toBe(true);
    else
      expect(problem(nested(depth))).toEqual({
        message: expect.stringMatching(/nested 51 deep, the limit is 50|is the tag or output number/),
        line: expect.any(Number),
        column: 1,
      });
  });

  test.each([
    ['brackets', `{{ a${'[a'.repeat(3_000)}${']'.repeat(3_000)} }}`],
    ['ranges', `{{ ${'('.repeat(3_000)}1 }}`],
    ['brackets beyond all measure', `{{ a${'[a'.repeat(100_000)} }}`],
  ])('%s in each other', (_, source) => {
    const { message, line, column } = problem(source);
    expect(message).toMatch(/nested|the limit is/);
    expect(message).not.toMatch(/call stack/);
    expect([line, column]).toEqual([1, expect.any(Number)]);
  });

  test.each([
    ['tags', '{%if a%}{%endif%}'.repeat(15_000), 'tag or output number 10001'],
    ['outputs', '{{a}}'.repeat(50_000), 'tag or output number 10001'],
    ['characters in one tag', `{% if a${' or a'.repeat(5_000)} %}{% endif %}`, 'the limit is 8192'],
  ])('too many %s', (_, source, message) => {
    expect(problem(source).message).toContain(message);
  });

  test('a template saved before these limits is still rendered', () => {
    const deep = `${'{% if a %}'.repeat(200)}x${'{% endif %}'.repeat(200)}{{ a a }}`;
    expect(checkTemplate('text', deep).ok).toBe(false);
    expect(renderContent('sms', { text: deep }, { a: 1 })).toMatchObject({ content: { text: 'x1' } });
    const far = `${'{% if a %}'.repeat(10_000)}x${'{% endif %}'.repeat(10_000)}`;
    expect(renderContent('sms', { text: far }, { a: 1 })).toMatchObject({ ok: false, code: 'render_failed' });
  });
});
