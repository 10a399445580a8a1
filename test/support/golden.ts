import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect } from 'vitest';

/**
 * Compares a value with a file under test/characterisation/golden. `UPDATE_GOLDEN=1 npm test -- test/characterisation`
 * rewrites the files; review the diff.
 *
 * @param name of the file, with its extension.
 * @param made text as it is; anything else becomes indented JSON.
 */
export function expectGolden(name: string, made: unknown): void {
  const file = path.join(import.meta.dirname, '../characterisation/golden', name);
  const text = typeof made === 'string' ? made : `${JSON.stringify(made, null, 1)}\n`;
  if (process.env.UPDATE_GOLDEN) writeFileSync(file, text);
  expect(
    text,
    `test/characterisation/golden/${name} says otherwise; if the change is meant: UPDATE_GOLDEN=1 npm test -- test/characterisation`,
  ).toBe(readFileSync(file, 'utf8'));
}
