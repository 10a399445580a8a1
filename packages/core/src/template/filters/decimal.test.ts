import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { renderContent } from '../render/render.ts';
import { compare, decimalOf, plainNumber, plus, times } from './decimal.ts';

const print = (output: string, data: Record<string, unknown> = {}): string => {
  const rendering = renderContent('in_app', { title: 't', body: `{{ ${output} }}` }, data);
  return rendering.ok ? rendering.content.body! : `${rendering.code}: ${rendering.message}`;
};

describe('filters over numbers compute in decimals', () => {
  test.each([
    ['0.0725 | times: 100', '7.25'],
    ['183.357 | modulo: 12', '3.357'],
    ['0.1 | plus: 0.2', '0.3'],
    ['0.3 | minus: 0.1', '0.2'],
    ['1.1 | times: 1.1', '1.21'],
    ['4.35 | times: 100', '435'],
    ['0.3 | divided_by: 0.1', '3'],
    ['1.005 | round: 2', '1.01'],
    ['-2.5 | round', '-3'],
    ['1234.5 | round: -2', '1200'],
    ['-1.2 | ceil', '-1'],
    ['-1.2 | floor', '-2'],
    ['1.2 | ceil', '2'],
    ['-0.4 | ceil', '0'],
    ['-17.50 | abs', '17.5'],
    ['4 | at_least: 4.5', '4.5'],
    ['4 | at_most: 3.99', '3.99'],
    ['-7 | modulo: 3', '2'],
    ['"19.90" | times: "3"', '59.7'],
    ['"4634343214213523454" | plus: 1', '4634343214213523455'],
    ['"-4634343214213523454" | abs', '4634343214213523454'],
    ['1000000000000 | times: 1000000000000', '1000000000000000000000000'],
    ['0.0000001 | times: 1', '0.0000001'],
    ['"1e3" | plus: 0', '1000'],
    ['"twelve" | plus: 1', '1'],
    ['nothing | default: nil | plus: 2', '2'],
  ])('{{ %s }} prints %s', (output, expected) => {
    expect(print(output)).toBe(expected);
  });

  test('a quotient of whole numbers has decimals, and is whole on request', () => {
    expect(print('16 | divided_by: 4')).toBe('4');
    expect(print('5 | divided_by: 2')).toBe('2.5');
    expect(print('5 | divided_by: 3')).toBe(String(5 / 3));
    expect(print('5 | divided_by: 3, true')).toBe('1');
    expect(print('-5 | divided_by: 3, true')).toBe('-2');
  });

  test('a sum adds decimals, of a member too, and skips values that are not numbers', () => {
    expect(print('l | sum', { l: [0.1, 0.2, '0.3', 'x', null, 4] })).toBe('4.6');
    expect(print('l | sum: "price"', { l: [{ price: 19.99 }, { price: 0.01 }, {}] })).toBe('20');
  });

  test('division by zero is an error, not Infinity on an invoice', () => {
    for (const output of ['n | divided_by: z', 'n | modulo: z'])
      expect(print(output, { n: 1, z: 0 })).toContain('render_failed: body: divided by 0');
  });

  test('a result can be compared and stays a number', () => {
    expect(print('0.1 | plus: 0.2 | times: 10 | minus: 3')).toBe('0');
    const source = '{% assign t = 0.1 | plus: 0.2 %}{% if t == 0.3 and t < 1 %}yes{% endif %}';
    expect(renderContent('sms', { text: source }, {})).toMatchObject({ content: { text: 'yes' } });
  });
});

test('every finite number is read and printed without loss, and whole numbers compute as integers do', () => {
  fc.assert(
    fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (n) => {
      expect(Number(plainNumber(decimalOf(n)))).toBe(n === 0 ? 0 : n);
    }),
  );
  fc.assert(
    fc.property(
      fc.bigInt({ min: -(10n ** 40n), max: 10n ** 40n }),
      fc.bigInt({ min: -(10n ** 40n), max: 10n ** 40n }),
      (a, b) => {
        expect(BigInt(plainNumber(plus(decimalOf(String(a)), decimalOf(String(b)))))).toBe(a + b);
        expect(BigInt(plainNumber(times(decimalOf(String(a)), decimalOf(String(b)))))).toBe(a * b);
      },
    ),
  );
});

test('numbers compare by their value, however many digits they are written with', () => {
  const order = (a: string, b: string): number => compare(decimalOf(a), decimalOf(b));
  expect([order('1', '2'), order('2', '1'), order('2', '2.00')]).toEqual([-1, 1, 0]);
  expect([order('-0.1', '0'), order('0.10', '0.1'), order('10', '9.99')]).toEqual([-1, 0, 1]);
});
