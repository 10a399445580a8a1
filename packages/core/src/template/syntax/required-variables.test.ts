import { describe, expect, test } from 'vitest';
import { parseField } from './engine.ts';
import { missingVariables, variableUse } from './required-variables.ts';

const use = (source: string) => {
  const { variables, required } = variableUse(parseField('text', source));
  return { variables: [...variables].toSorted(), required: [...required].toSorted() };
};
const required = (source: string): string[] => use(source).required;

describe('a loop variable', () => {
  test('is none of the data inside its loop, and is one outside of it', () => {
    expect(use('{% for i in items %}{{ i.name }}{% endfor %}')).toEqual({
      variables: ['items'],
      required: ['items'],
    });
    expect(required('{% for i in items %}{% endfor %}{{ i.name }}')).toEqual(['i.name', 'items']);
    expect(required('{{ i }}{% for i in items %}{{ i }}{% endfor %}')).toEqual(['i', 'items']);
  });

  test('of an inner loop with the same name leaves that of the outer one', () => {
    const nested = '{% for i in a %}{% for i in i.b %}{{ i.c }}{% endfor %}{{ i.d }}{% endfor %}';
    expect(use(nested)).toEqual({ variables: ['a'], required: ['a'] });
    expect(required(`${nested}{{ i.e }}`)).toEqual(['a', 'i.e']);
  });

  test('of one name hides no other', () => {
    expect(required('{% for i in a %}{{ j }}{% endfor %}')).toEqual(['a', 'j']);
  });
});

test('what is assigned or captured is none of the data from then on, before it is', () => {
  expect(required('{{ a }}{% assign a = 1 %}')).toEqual(['a']);
  expect(required('{% capture a %}{{ b }}{% endcapture %}{{ a }}')).toEqual(['b']);
  expect(required('{% if x %}{% assign a = 1 %}{% endif %}{{ a }}')).toEqual([]);
});

describe('inside a condition', () => {
  test('what any of the enclosing ones tests is not required, and all else is if every branch needs it', () => {
    const both = (inside: string) => `{% if a.b %}${inside}{% else %}${inside}{% endif %}`;
    expect(required(both('{{ a.b }}'))).toEqual([]);
    expect(required(both('{{ a.b.c.d }}'))).toEqual([]);
    expect(required(both('{{ a.c }}'))).toEqual(['a.c']);
    expect(required(both('{{ a.bc }}'))).toEqual(['a.bc']);
    expect(required(both(both('{{ a.b }}{{ d }}')))).toEqual(['d']);
    expect(
      required('{% if a %}{% if b %}{{ a.x }}{{ c }}{% else %}{{ a.x }}{{ c }}{% endif %}{% endif %}'),
    ).toEqual([]);
  });

  test('of three branches all must need it', () => {
    const branches = (...[one, two, three]: string[]) =>
      `{% if x %}${one}{% elsif y %}${two}{% else %}${three}{% endif %}`;
    expect(required(branches('{{ a }}', '{{ a }}', '{{ a }}'))).toEqual(['a']);
    expect(required(branches('{{ a }}', '{{ a }}', '-'))).toEqual([]);
    expect(required(branches('-', '{{ a }}', '{{ a }}'))).toEqual([]);
    expect(use(branches('{{ a }}', '{{ b }}', '{{ c }}')).variables).toEqual(['a', 'b', 'c', 'x', 'y']);
  });

  test('all variables that it tests are mentioned, in comparisons, cases and filters too', () => {
    expect(use('{% if a == b and c contains d %}{% endif %}').variables).toEqual(['a', 'b', 'c', 'd']);
    expect(use('{% case a %}{% when b, c %}{% endcase %}')).toEqual({
      variables: ['a', 'b', 'c'],
      required: [],
    });
  });
});

describe('a default', () => {
  test('makes its value optional, and not its own arguments and what comes behind', () => {
    expect(use('{{ a | default: b }}')).toEqual({ variables: ['a', 'b'], required: [] });
    expect(required('{{ a | upcase | default: "x" }}')).toEqual(['a']);
    expect(required('{{ a | append: b }}')).toEqual(['a', 'b']);
  });
});

test('of a path with an index that is a variable, both are required; a literal index ends the path', () => {
  expect(required('{{ a[b.c].d }}')).toEqual(['a', 'b.c']);
  expect(required('{{ a["x"].d }}')).toEqual(['a.x.d']);
  expect(required('{{ a["x.y"].d }}')).toEqual(['a']);
  expect(required('{% for i in (a..b) %}{% endfor %}')).toEqual(['a', 'b']);
});

describe('data lacks', () => {
  test('what is absent or null at any depth', () => {
    const data = { o: { a: null, b: undefined, c: 0, text: 'x' }, none: null };
    expect(missingVariables(['o', 'o.a', 'o.b', 'o.c', 'o.d', 'o.text.x', 'none.x', 'x.y'], data)).toEqual([
      'o.a',
      'o.b',
      'o.d',
      'o.text.x',
      'none.x',
      'x.y',
    ]);
  });

  test('no size, first or last of anything that is there, but those of the data itself or of nothing', () => {
    const data = { list: [1], text: 'x', none: null };
    expect(
      missingVariables(
        ['list.size', 'list.first', 'text.last', 'text.size', 'size', 'none.size', 'absent.size'],
        data,
      ),
    ).toEqual(['size', 'none.size', 'absent.size']);
  });
});
