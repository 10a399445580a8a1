import { describe, expect, test, vi } from 'vitest';
import { WORK_LIMIT } from './limits.ts';
import { renderContent, renderWithin } from './render.ts';
import { readingCost } from './work.ts';

const list = (length: number): number[] => Array.from({ length }, (_, i) => i);
const object = (size: number): Record<string, number> =>
  Object.fromEntries(list(size).map((i) => [`k${i}`, i]));
const again = (body: string): string => `{% for i in (1..90000) %}${body}{% endfor %}`;
const LONG = 'x'.repeat(400_000);

/**
 * Each reads or visits something long repeatedly. The clock is stopped, so that only the count can end them: without it
 * they would run for seconds to hours, far beyond the timeout of a test.
 */
const HOSTILE: [string, string, Record<string, unknown>][] = [
  ['== blank on a long text', again('{% if x == blank %}1{% endif %}'), { x: ' '.repeat(900_000) }],
  ['== empty on a large object', again('{% if x == empty %}1{% endif %}'), { x: object(20_000) }],
  ['== on long texts', again('{% if x == y %}1{% endif %}'), { x: `${LONG}a`, y: `${LONG}b` }],
  ['!= on long lists', again('{% if x != y %}1{% endif %}'), { x: list(50_000), y: list(50_000) }],
  ['< on long texts', again('{% if x < y %}1{% endif %}'), { x: `${LONG}a`, y: `${LONG}b` }],
  ['>= on long lists', again('{% if x >= y %}1{% endif %}'), { x: list(50_000), y: list(50_000) }],
  ['contains on a long text', again('{% if x contains "y" %}1{% endif %}'), { x: LONG }],
  ['contains on a long list', again('{% if x contains "y" %}1{% endif %}'), { x: list(50_000) }],
  [
    'case and when on long texts',
    again('{% case x %}{% when y %}1{% endcase %}'),
    { x: `${LONG}a`, y: `${LONG}b` },
  ],
  [
    'case and when on long lists',
    again('{% case x %}{% when y %}1{% endcase %}'),
    { x: list(50_000), y: list(50_000) },
  ],
  [
    'for with limit and offset over a long list',
    again('{% for a in x limit: 1 offset: 1 %}{% endfor %}'),
    { x: list(50_000) },
  ],
  [
    'for reversed over a long list',
    again('{% for a in x reversed %}{% break %}{% endfor %}'),
    { x: list(50_000) },
  ],
  ['for over a large object', again('{% for a in x limit: 1 %}{% endfor %}'), { x: object(20_000) }],
  ['ranges', again('{% for a in (1..90000) limit: 1 %}{% endfor %}'), {}],
  ['many operators', again(`{% if a${' or a'.repeat(1_500)} %}{% endif %}`), { a: false }],
  ['the size of a large object', again('{% if x.size > 4 %}{% endif %}'), { x: object(20_000) }],
  ['printing a long list of nothing', again('{{ x }}'), { x: Array(50_000).fill('') }],
  ['map with a long path', again('{% assign y = x | map: p %}'), { x: list(1_000), p: 'a.'.repeat(10_000) }],
  [
    'where with long texts',
    again('{% assign y = x | where: "a", z %}'),
    { x: Array(99).fill({ a: LONG }), z: `${LONG}`.slice(0, -1).concat('b') },
  ],
  ['sort of a long list', again('{% assign y = x | sort %}'), { x: list(50_000).reverse() }],
  ['sort of lists', again('{% assign y = x | sort %}'), { x: Array(30).fill(list(10_000)) }],
  ['uniq', again('{% assign y = x | uniq %}'), { x: list(50_000) }],
  ['sum of decimals', again('{% assign y = x | sum %}'), { x: list(50_000).map((i) => i + 0.1) }],
  ['json', again('{% assign y = x | json %}'), { x: list(50_000) }],
  ['url_encode', again('{% assign y = x | url_encode %}'), { x: LONG }],
  ['slice from the end', again('{% assign y = x | slice: -1 %}'), { x: LONG }],
  ['split into characters', again('{% assign y = x | split: "" %}'), { x: LONG }],
  ['growing numbers', `{% assign x = 9 %}${again('{% assign x = x | times: x %}')}`, {}],
];

describe('the count ends a template that repeats', () => {
  test.each(HOSTILE)('%s', (_, source, data) => {
    const clock = vi.spyOn(process, 'threadCpuUsage').mockReturnValue({ user: 0, system: 0 });
    try {
      const rendering = renderContent('in_app', { title: 't', body: `.${source}` }, data);
      expect(rendering).toMatchObject({ ok: false, code: 'render_failed' });
      // At the limit, and at most one step beyond it.
      expect(rendering.work).toBeLessThan(3 * WORK_LIMIT);
    } finally {
      clock.mockRestore();
    }
  });

  test.each(HOSTILE)('on a shared thread it is aborted after its budget: %s', (_, source, data) => {
    expect(renderWithin(20_000, 'in_app', { title: 't', body: `.${source}` }, data)).toSatisfy(
      (rendering) => rendering === 'too_heavy' || rendering.code === 'render_failed',
    );
  });

  test('uncounted work is ended by the CPU time of the thread, not by wall-clock time', () => {
    const cpu = vi.spyOn(process, 'threadCpuUsage');
    const wall = vi.spyOn(performance, 'now');
    const content = { title: 't', body: '{% for i in (1..500) %}.{% endfor %}' };
    const [hours, cpuTimes] = [{ ms: 0 }, { us: 0 }];
    wall.mockImplementation(() => {
      hours.ms += 3_600_000;
      return hours.ms;
    });
    cpu.mockReturnValue({ user: 0, system: 0 });
    expect(renderContent('in_app', content, {})).toMatchObject({ ok: true });
    cpu.mockImplementation(() => {
      cpuTimes.us += 201_000;
      return { user: cpuTimes.us, system: 0 };
    });
    expect(renderContent('in_app', content, {})).toMatchObject({ ok: false, code: 'render_failed' });
    vi.restoreAllMocks();
  });
});

test('the work of a field is the same each time, and grows with what it does', () => {
  const work = (n: number): number =>
    renderContent('in_app', { title: 't', body: '{% for i in l %}{{ i }}{% endfor %}' }, { l: list(n) }).work;
  expect(work(100)).toBe(work(100));
  expect(work(200)).toBeGreaterThan(1.9 * work(100));
});

test('a long text repeated many times is rejected before it is built', () => {
  const source = '{{ x }}'.repeat(9_000);
  for (const field of ['text', 'html'] as const) {
    const rendering = renderContent('email', { subject: 's', [field]: source }, { x: LONG });
    expect(rendering).toMatchObject({ ok: false, code: 'output_too_large' });
  }
});

describe('reading a value costs', () => {
  test('one unit for a number, a truth value or nothing', () => {
    for (const value of [0, 1e300, true, null, undefined]) expect(readingCost(value)).toBe(1);
  });

  test('a unit for every sixteen characters of a text, and one for the text', () => {
    expect([0, 16, 160].map((length) => readingCost('x'.repeat(length)))).toEqual([1, 2, 11]);
  });

  test('four units for every list, object, item and member at any depth, besides their characters', () => {
    expect(readingCost([])).toBe(4);
    expect(readingCost({})).toBe(4);
    expect(readingCost([1, null, true])).toBe(16);
    expect(readingCost({ a: 1, b: null })).toBe(12);
    expect(readingCost({ a: [1, { b: 2 }] })).toBe(20);
    expect(readingCost(['x'.repeat(32)])).toBe(10);
  });

  test('hardly more than the limit of a field, however long the value is', () => {
    const long = Array(2 * WORK_LIMIT).fill('x');
    expect(readingCost(long)).toBeGreaterThan(WORK_LIMIT);
    expect(readingCost(long)).toBeLessThan(WORK_LIMIT + 10);
  });
});

describe('a budget', () => {
  const heavy = { title: 't', body: `.${again('{% for i in (1..1000) %}{% endfor %}')}` };

  test('as large as the limit of a field makes a field beyond it fail, a smaller one makes it too heavy', () => {
    expect(renderWithin(WORK_LIMIT, 'in_app', heavy, {})).toMatchObject({ code: 'render_failed' });
    expect(renderWithin(WORK_LIMIT - 1, 'in_app', heavy, {})).toBe('too_heavy');
  });
});
