import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const ROOT = join(import.meta.dirname, '../..');
/** The files that may name a provider, in addition to its own folder and its file in the simulator. */
const PLACES = 6;
/** Of each channel that has one, a provider whose name means nothing else. */
const PROVIDERS = ['termii', 'postmark'];

/** Product files whose text has the word: no tests, no documentation. */
function filesNaming(word: string): string[] {
  const outside = ['*.md', '*.test.ts', 'docs', 'test', 'bench'].map((path) => `:!${path}`);
  const args = ['grep', '--untracked', '-il', word, '--', '.', ...outside];
  return execFileSync('git', args, { cwd: ROOT, encoding: 'utf8' }).trim().split('\n');
}

test.each(PROVIDERS)('%s is a folder, a file of the simulator and a line in few places', (provider) => {
  const own = new RegExp(
    `^packages/providers/src/${provider}/|^apps/simulator/src/providers/${provider}[.-]`,
  );
  const files = filesNaming(provider);
  expect(files.filter((file) => own.test(file)).length).toBeGreaterThan(1);
  const elsewhere = files.filter((file) => !own.test(file));
  expect(elsewhere).toContain('packages/providers/src/providers.ts');
  expect(elsewhere.length, elsewhere.join(', ')).toBeLessThanOrEqual(PLACES);
});
