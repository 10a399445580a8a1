import { defineConfig } from 'vitest/config';

const EVERYTHING = '**/*.test.ts';
const WITH_SERVERS = '**/*.integration.test.ts';
/** What lies deeper in test/chaos is pure and belongs to `unit`. */
const CHAOS = 'test/chaos/*.test.ts';
const ELSEWHERE = ['**/node_modules/**', '.carillon/**'];

/**
 * Five projects: `unit` touches nothing but memory (and, in test/structure, the files of the checkout); the others
 * share one PostgreSQL and one Redis, started once per run by test/support/global-setup.ts. `chaos` comes last and one
 * file at a time: it measures how soon things recover, and has many processes of its own.
 */
export default defineConfig({
  test: {
    // Every worker is a process with servers behind it; more of them than processors only makes deadlines tight.
    maxWorkers: 2,
    projects: [
      {
        test: {
          name: 'unit',
          // Nothing is left behind in memory that another file could see, and a process for each takes twice their time.
          isolate: false,
          // Property tests play thousands of cases; a busy machine must not make them fail.
          testTimeout: 60_000,
          include: [EVERYTHING],
          exclude: [...ELSEWHERE, WITH_SERVERS, 'test/e2e/**', 'test/browser/**', CHAOS],
        },
      },
      withServers('integration', [WITH_SERVERS]),
      withServers('e2e', ['test/e2e/**/*.test.ts']),
      withServers('browser', ['test/browser/**/*.test.ts'], 120_000),
      alone(withServers('chaos', [CHAOS])),
    ],
  },
});

function withServers(name: string, include: string[], testTimeout = 30_000) {
  return {
    test: {
      name,
      include,
      exclude: ELSEWHERE,
      globalSetup: ['test/support/global-setup.ts'],
      testTimeout,
      hookTimeout: 2 * testTimeout,
    },
  };
}

function alone(project: ReturnType<typeof withServers>) {
  const { test } = project;
  return {
    test: { ...test, testTimeout: 300_000, fileParallelism: false, sequence: { groupOrder: 1 } },
  };
}
