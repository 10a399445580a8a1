import { defineConfig } from 'vitest/config';

const EVERYTHING = '**/*.test.ts';
const WITH_SERVERS = '**/*.integration.test.ts';
const ELSEWHERE = ['**/node_modules/**', '.carillon/**'];

/**
 * Four projects: `unit` touches nothing but memory (and, in test/structure, the files of the checkout); the others
 * share one PostgreSQL and one Redis, started once per run by test/support/global-setup.ts.
 */
export default defineConfig({
  test: {
    // Every worker is a process with servers behind it; more of them than processors only makes deadlines tight.
    maxWorkers: 2,
    projects: [
      {
        test: {
          name: 'unit',
          include: [EVERYTHING],
          exclude: [...ELSEWHERE, WITH_SERVERS, 'test/e2e/**', 'test/browser/**', 'test/chaos/**'],
        },
      },
      withServers('integration', [WITH_SERVERS]),
      withServers('e2e', ['test/e2e/**/*.test.ts']),
      withServers('browser', ['test/browser/**/*.test.ts']),
    ],
  },
});

function withServers(name: string, include: string[]) {
  return {
    test: {
      name,
      include,
      exclude: ELSEWHERE,
      globalSetup: ['test/support/global-setup.ts'],
      testTimeout: 30_000,
      hookTimeout: 60_000,
    },
  };
}
