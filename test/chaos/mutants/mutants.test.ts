import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { SCENARIOS } from '../scenarios/scenarios.ts';
import { MUTANTS } from './mutants.ts';
import { mutate } from './run-mutants.ts';

const ROOT = path.join(import.meta.dirname, '../../..');
const dir = mkdtempSync(path.join(tmpdir(), 'carillon-mutants-'));
afterAll(() => rmSync(dir, { recursive: true, force: true }));

test.each(MUTANTS)('the text that "$name" changes is in the product', (mutant) => {
  for (const { file } of mutant.changes) {
    mkdirSync(path.dirname(path.join(dir, file)), { recursive: true });
    cpSync(path.join(ROOT, file), path.join(dir, file));
  }
  mutate(dir, mutant);
  for (const { file } of mutant.changes)
    expect(readFileSync(path.join(dir, file), 'utf8')).not.toBe(readFileSync(path.join(ROOT, file), 'utf8'));
  expect(SCENARIOS.map(({ name }) => name)).toContain(mutant.scenario);
});

test('a text that is not there fails loudly', () => {
  const [first] = MUTANTS;
  const change = { ...first!.changes[0]!, find: 'nobody ever wrote this' };
  expect(() => mutate(ROOT, { ...first!, changes: [change] })).toThrow('0 times');
});
