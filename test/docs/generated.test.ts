import { STATES, TRANSITIONS } from '@carillon/core/notification/states';
import { expect, test } from 'vitest';
import { GENERATED, section, withSection } from './generated.ts';
import { page } from './pages.ts';
import { stateChart } from './state-chart.ts';

test.each(GENERATED)('$file shows "$name" as the code has it (node test/docs/write-generated.ts)', (part) => {
  expect(page(part.file).text).toContain(section(part));
});

test.each(GENERATED)('"$name" is replaced in place, and a missing marker is an error', (part) => {
  const { text } = page(part.file);
  expect(withSection(text, part)).toBe(text);
  expect(
    withSection(
      text.replace(
        section(part),
        `${section(part).split('\n')[0]}\nold\n${section(part).split('\n').at(-1)}`,
      ),
      part,
    ),
  ).toBe(text);
  expect(() => withSection('# Nothing\n', part)).toThrow(part.name);
});

test('the chart has every state and every transition of the table, and no other', () => {
  const arrows = [...stateChart().matchAll(/^ {2}(\w+) --> (\w+)/gm)].map(([, from, to]) => `${from} ${to}`);
  const moves = STATES.flatMap((from) => Object.keys(TRANSITIONS[from]).map((to) => `${from} ${to}`));
  expect(arrows.sort()).toEqual(moves.sort());
  for (const state of STATES) expect(stateChart()).toMatch(new RegExp(`\\b${state}\\b`));
});
