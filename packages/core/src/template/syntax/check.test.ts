import { describe, expect, test } from 'vitest';
import { checkContent, checkTemplate } from './check.ts';
import { missingVariables } from './required-variables.ts';

const required = (source: string): string[] => {
  const check = checkTemplate('text', source);
  if (!check.ok) throw new Error(JSON.stringify(check.problems));
  return check.required;
};

const problem = (source: string, field: 'text' | 'html' = 'text') => {
  const check = checkTemplate(field, source);
  if (check.ok) throw new Error(`accepted: ${source}`);
  return check.problems[0]!;
};

describe('a template is refused with line and column when', () => {
  test.each([
    ['it includes a file', 'Hi\n\n  {% include "secrets" %}', 'unknown tag "include"', 3, 3],
    ['it renders what has no name', 'a {% render %}', 'key of a partial is missing', 1, 12],
    ['it renders by a variable', '{% render name %}', 'key of a partial is missing', 1, 11],
    ['values of a partial have no names', '{% render "a", b %}', 'takes values by name', 1, 14],
    ['it writes what publishing makes', '{% part %}a{% endpart %}', 'unknown tag "part"', 1, 1],
    ['it has a layout', '{% layout "secrets" %}', 'unknown tag "layout"', 1, 1],
    ['a block is not closed', 'one\ntwo {% if x %}', 'not closed', 2, 5],
    ['a block is closed that never opened', 'one {% endif %}', 'unexpected tag "endif"', 1, 5],
    ['an output is not closed', 'a\n{{ name', 'not closed', 2, 1],
    ['a filter is unknown', 'a {{ name | shout }}', 'unknown filter "shout"', 1, 3],
  ])('%s', (_, source, message, line, column) => {
    expect(problem(source)).toEqual({ message: expect.stringContaining(message), line, column });
  });

  test('it requests unescaped data', () => {
    expect(problem('{{ name | raw }}', 'html').message).toContain('always escaped');
    expect(problem('{{ name | raw }}').message).toContain('always escaped');
  });

  test('it makes HTML in a plain text field', () => {
    expect(problem('{{ name | newline_to_br }}').message).toContain('text is plain text');
    expect(checkTemplate('html', '{{ name | newline_to_br }}').ok).toBe(true);
  });

  test('it is longer than the limit, which the message names', () => {
    expect(problem('x'.repeat(262_145)).message).toContain('262145 characters long, the limit is 262144');
  });
});

describe('a variable is required', () => {
  test.each([
    ['when it is printed', 'Hi {{ name }}', ['name']],
    ['by its whole path', '{{ order.id }}', ['order.id']],
    [
      'when a loop walks it, but not the loop variable',
      '{% for i in items %}{{ i.name }}{% endfor %}',
      ['items'],
    ],
    ['when an assignment takes it, but not what is assigned', '{% assign a = b %}{{ a }}', ['b']],
    ['when every branch needs it', '{% if a %}{{ c }}{% else %}{{ c }}{% endif %}', ['c']],
    ['as an index', '{{ prices[currency] }}', ['currency', 'prices']],
    ['as an argument of a filter', '{{ name | append: suffix }}', ['name', 'suffix']],
  ])('%s', (_, source, expected) => {
    expect(required(source)).toEqual(expected);
  });

  test.each([
    ['when it has a default', '{{ name | default: "friend" }}'],
    ['inside an if that asks for it', '{% if name %}Hi {{ name }}{% endif %}'],
    ['inside an if that asks for what holds it', '{% if user %}{{ user.name }}{% endif %}'],
    ['when only one branch needs it', '{% if a == 1 %}{{ b }}{% endif %}'],
    ['when a case asks for it', '{% case plan %}{% when "pro" %}{{ plan }}{% endcase %}'],
    ['inside raw or a comment', '{% raw %}{{ a }}{% endraw %}{% comment %}{{ b }}{% endcomment %}'],
  ])('not %s', (_, source) => {
    expect(required(source)).toEqual([]);
  });

  test('and counts as missing when it is absent or null, not when it is empty', () => {
    const data = { none: null, empty: '', zero: 0, off: false, items: [], order: { id: 1 } };
    const paths = [
      'none',
      'absent',
      'empty',
      'zero',
      'off',
      'items',
      'items.size',
      'order.id',
      'order.total',
      'zero.x',
    ];
    expect(missingVariables(paths, data)).toEqual(['none', 'absent', 'order.total', 'zero.x']);
  });

  test('and is not found on the prototype', () => {
    expect(missingVariables(['constructor', 'toString'], {})).toEqual(['constructor', 'toString']);
  });
});

describe('the content of a channel', () => {
  test('needs its fields and takes no others', () => {
    const check = checkContent('sms', { subject: 'Hi' });
    expect(check).toEqual({
      ok: false,
      problems: [
        { field: 'text', message: expect.stringContaining('required for sms'), line: 1, column: 1 },
        { field: 'subject', message: expect.stringContaining('not a field of sms'), line: 1, column: 1 },
      ],
    });
    expect(checkContent('email', { subject: 'Hi' })).toMatchObject({
      ok: false,
      problems: [{ field: 'text' }],
    });
  });

  test('collects the variables of all its fields', () => {
    const check = checkContent('email', {
      subject: '{{ a }}',
      text: '{{ b | default: 1 }}',
      html: '{{ c }}',
    });
    expect(check).toEqual({ ok: true, variables: ['a', 'b', 'c'], required: ['a', 'c'] });
  });

  test('is refused when a fixed text is longer than the channel takes', () => {
    expect(checkContent('sms', { text: 'x'.repeat(1_601) })).toMatchObject({
      ok: false,
      problems: [{ message: expect.stringContaining('1601 characters long, sms takes 1600') }],
    });
  });

  test('is refused when a fixed subject has two lines or a fixed url a forbidden scheme', () => {
    const push = checkContent('push', { title: 'a\r\nb', body: 'b', url: 'javascript:alert(1)' });
    expect(push).toMatchObject({ ok: false, problems: [{ field: 'title' }, { field: 'url' }] });
    expect(checkContent('push', { title: 'a', body: 'b', url: 'shop://orders/1' }).ok).toBe(true);
  });

  test('is taken literally when it is inline', () => {
    const inline = checkContent('sms', { text: 'Use {{ name }} and {% if %}' }, 'inline');
    expect(inline).toEqual({ ok: true, variables: [], required: [] });
    expect(checkContent('sms', { text: '{{'.repeat(801) }, 'inline')).toMatchObject({ ok: false });
  });
});

test('a built-in variable is not required in the data', () => {
  const content = { subject: 'News', text: '{{ name }} {{ unsubscribe_url }}' };
  expect(checkContent('email', content)).toMatchObject({
    variables: ['name', 'unsubscribe_url'],
    required: ['name'],
  });
  expect(checkContent('sms', { text: '{{ unsubscribe_url }}' })).toMatchObject({
    required: ['unsubscribe_url'],
  });
});
