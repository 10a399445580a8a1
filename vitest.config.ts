import { defineConfig } from 'vitest/config';

const EVERYTHING = '**/*.test.ts';
const WITH_SERVERS = '**/*.integration.test.ts';
/** What lies deeper in test/chaos is pure and belongs to `unit`. */
const CHAOS = 'test/chaos/*.test.ts';
const ELSEWHERE = ['**/node_modules/**', '.carillon/**'];
/** What these set up (tracing, the report of errors) or measure (memory) is that of a process: each gets its own. */
const OWN_PROCESS = [
  'packages/telemetry/**/*.integration.test.ts',
  'apps/api/src/inbox/slow-readers.integration.test.ts',
];

/**
 * The projects: `unit` touches nothing but memory (and, in test/structure, the files of the checkout); the others
 * share one PostgreSQL and one Redis, started once per run by test/support/global-setup.ts. `chaos` comes last and one
 * file at a time: it measures how soon things recover, and has many processes of its own.
 */
export default defineConfig({
  test: {
    // Every worker is a process with servers behind it. Half of the time a test waits for something, so that two
    // processors have work for three; more only makes deadlines tight.
    maxWorkers: 3,
    projects: [
      {
        test: {
          name: 'unit',
          // Nothing is left behind in memory that another file could see, and a process for each takes twice their time.
          isolate: false,
          // Property tests play thousands of cases; a busy machine must not make them fail.
          testTimeout: 60_000,
          expect: { poll: { timeout: 10_000 } },
          include: [EVERYTHING],
          exclude: [...ELSEWHERE, WITH_SERVERS, 'test/e2e/**', 'test/browser/**', CHAOS],
        },
      },
      sharingProcess(withServers('integration', [WITH_SERVERS], { exclude: OWN_PROCESS })),
      withServers('own-process', OWN_PROCESS),
      withServers('e2e', ['test/e2e/**/*.test.ts']),
      sharingProcess(withServers('browser', ['test/browser/**/*.test.ts'], { testTimeout: 120_000 })),
      alone(withServers('chaos', [CHAOS], { exclude: [WITH_SERVERS] })),
    ],
  },
});

function withServers(
  name: string,
  include: string[],
  { testTimeout = 30_000, exclude = [] as string[] } = {},
) {
  return {
    test: {
      name,
      include,
      exclude: [...ELSEWHERE, ...exclude],
      globalSetup: ['test/support/global-setup.ts'],
      testTimeout,
      hookTimeout: 2 * testTimeout,
      // As long as everything else that is waited for. The default is a second, too short on a busy machine.
      expect: { poll: { timeout: 10_000 } },
    },
  };
}

/**
 * The files of a worker have the database and the keys in Redis to themselves, but not the process: loading the API and
 * the worker again for each of 260 files took more processor time than most of their tests.
 */
function sharingProcess(project: ReturnType<typeof withServers>) {
  return { test: { ...project.test, isolate: false } };
}

function alone(project: ReturnType<typeof withServers>) {
  const { test } = project;
  return {
    test: { ...test, testTimeout: 300_000, fileParallelism: false, sequence: { groupOrder: 1 } },
  };
}
