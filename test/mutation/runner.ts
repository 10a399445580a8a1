import { mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createVitest } from 'vitest/node';
import { copyTree } from '../chaos/mutants/copy-tree.ts';
import { applied, type Mutation } from './mutations.ts';

/**
 * A process of its own with one Vitest in it, which stays for many mutants: starting one costs seconds. Mutants are
 * written into a copy of the checkout, which is removed when this process ends or its parent is gone.
 */

/** What the parent process sends for each mutant. */
export interface Order {
  /** The source, relative to the checkout. */
  file: string;
  mutation: Pick<Mutation, 'start' | 'end' | 'from' | 'to'>;
  /** Relative to the checkout, in the order in which they run. */
  tests: readonly string[];
}

/** What comes back: the name of the first test that failed, or null; or why nothing can be said. */
export type Verdict = { failed: string | null } | { notRun: string };

const copy = realpathSync(mkdtempSync(path.join(tmpdir(), 'carillon-mutation-')));
process.on('exit', () => rmSync(copy, { recursive: true, force: true }));
process.on('SIGTERM', () => process.exit(1));
process.on('disconnect', () => process.exit(0));

copyTree(path.join(import.meta.dirname, '../..'), copy);
const vitest = await createVitest(
  'test',
  {
    root: copy,
    config: false,
    watch: false,
    reporters: [{}],
    bail: 1,
    maxWorkers: 1,
    testTimeout: 60_000,
    include: ['{apps,packages,db}/**/*.test.ts'],
    exclude: ['**/node_modules/**', '**/*.integration.test.ts'],
  },
  { logLevel: 'silent' },
);
await vitest.standalone();

/** Test files that were seen to pass on the sources as they are: only the failure of such a one means anything. */
const sound = new Set<string>();

async function judge({ file, mutation, tests }: Order): Promise<Verdict> {
  const place = path.join(copy, file);
  const source = readFileSync(place, 'utf8');
  const become = (text: string): void => {
    writeFileSync(place, text);
    vitest.invalidateFile(place);
  };
  try {
    for (const test of tests) {
      become(applied(source, mutation));
      const failed = await failureIn(path.join(copy, test));
      if (failed === null) continue;
      become(source);
      if (!sound.has(test)) {
        const before = await failureIn(path.join(copy, test));
        if (before !== null) return { notRun: `${test} fails without any mutant: ${before}` };
        sound.add(test);
      }
      return { failed: `${test}: ${failed}` };
    }
    return { failed: null };
  } finally {
    become(source);
  }
}

/** Threads start in half the time; these tests set the zone of their process, or need the stack of its main thread. */
const NEEDS_PROCESS = /\/(?:dates|strict-syntax|wall-clock)\.test\.ts$/;

/** @returns the name of the test that failed in this file, or null. */
async function failureIn(test: string): Promise<string | null> {
  const pool = NEEDS_PROCESS.test(test) ? 'forks' : 'threads';
  const specification = vitest.getRootProject().createSpecification(test, [], pool);
  const { testModules, unhandledErrors } = await vitest.runTestSpecifications([specification], false);
  const ran = testModules.find(({ moduleId }) => moduleId === test);
  if (!ran) throw new Error(`${test} did not run`);
  if (unhandledErrors.length > 0) return 'an error that nobody handles';
  if (ran.ok()) return null;
  const [failed] = ran.children.allTests('failed');
  return failed?.fullName ?? 'does not load';
}

process.on('message', (next: Order) => {
  judge(next).then(
    (verdict) => process.send?.(verdict),
    (error: unknown) => process.send?.({ notRun: String(error) } satisfies Verdict),
  );
});
process.send?.('ready');
