import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { COLUMNS } from './columns.ts';
import { CRASH_POINTS, pointNamed } from './crash-points.ts';
import { renderCrashSection, withCrashSection } from './crash-table.ts';

test('docs/reports/crash-points.md shows the crash points as they are (node test/chaos/crash/write-crash-table.ts)', () => {
  const page = readFileSync(new URL('../../../docs/reports/crash-points.md', import.meta.url), 'utf8');
  expect(page).toContain(renderCrashSection());
});

test('the section is put in once, and replaced when it is there', () => {
  const once = withCrashSection('# Crash points\n\nWords.\n');
  expect(once.startsWith('# Crash points\n\nWords.\n\n')).toBe(true);
  expect(withCrashSection(once)).toBe(once);
  expect(withCrashSection(once.replace('| accept: ', '| old: '))).toBe(once);
});

test('points and columns have names of their own', () => {
  expect(new Set(CRASH_POINTS.map(({ name }) => name)).size).toBe(CRASH_POINTS.length);
  expect(new Set(COLUMNS.map(({ name }) => name)).size).toBe(COLUMNS.length);
  const known = COLUMNS.map(({ name }) => name);
  for (const { only = [] } of CRASH_POINTS) expect(known).toEqual(expect.arrayContaining([...only]));
  expect(() => pointNamed('nowhere')).toThrow('nowhere');
});
