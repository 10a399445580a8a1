import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';

/** Nothing here can run the workflow: what it names is looked up, so that it cannot silently test something else. */
const ROOT = path.join(import.meta.dirname, '../..');
const text = (file: string): string => readFileSync(path.join(ROOT, file), 'utf8');

interface Step {
  uses?: string;
  run?: string;
  env?: Record<string, string>;
  with?: Record<string, string | number>;
}
interface Job {
  strategy?: { matrix: Record<string, string[]> };
  env?: Record<string, string>;
  steps: Step[];
}
const workflow = parse(text('.github/workflows/ci.yml')) as { env?: object; jobs: Record<string, Job> };
const jobs = Object.entries(workflow.jobs);
const manifest = JSON.parse(text('package.json')) as {
  scripts: Record<string, string>;
  engines: { node: string };
};
const linesOf = ({ steps }: Job): string[] => steps.flatMap(({ run }) => run?.trim().split('\n') ?? []);
/** Names that a job hands to the steps behind the one that writes them. */
const handedOn = (job: Job): string[] =>
  linesOf(job).flatMap((line) => /echo "(\w+)=.*" >> "\$GITHUB_ENV"/.exec(line)?.[1] ?? []);

describe('.github/workflows/ci.yml', () => {
  test.each(jobs.filter(([name]) => name !== 'packages'))(
    '%s ends with the commands that a contributor runs',
    (_name, job) => {
      expect(linesOf(job).at(-1)).toBe('npm install && npm run verify && npm test');
    },
  );

  test('calls only scripts of package.json', () => {
    const called = jobs.flatMap(([, job]) =>
      linesOf(job).flatMap((line) => [...line.matchAll(/npm (?:run )?(\w+)/g)].map((match) => match[1]!)),
    );
    expect(called.length).toBeGreaterThan(0);
    const known = [...Object.keys(manifest.scripts), 'install'];
    expect(called.filter((name) => !known.includes(name))).toEqual([]);
  });

  test('hands the tests servers by the names that the tests read', () => {
    const names = handedOn(workflow.jobs.servers!);
    expect(names).toEqual(['DATABASE_URL', 'REDIS_URL']);
    for (const name of names) expect(text('test/support/servers.ts')).toContain(`process.env.${name}`);
  });

  test('uses every value of its matrix, from the oldest PostgreSQL to the newest and each kind of Redis', () => {
    const { strategy, steps } = workflow.jobs.servers!;
    expect(strategy?.matrix).toEqual({
      postgres: ['15', '18'],
      redis: ['redis:7', 'redis:8', 'valkey/valkey:8'],
    });
    const images = steps.flatMap(({ env }) => Object.entries(env ?? {}));
    expect(images.map(([name, image]) => `${name}=${image}`)).toEqual([
      expect.stringMatching(/^POSTGRES_IMAGE=postgres:\$\{\{ matrix\.postgres \}\}$/),
      expect.stringMatching(/^REDIS_IMAGE=\$\{\{ matrix\.redis \}\}$/),
    ]);
    const script = linesOf(workflow.jobs.servers!).join('\n');
    for (const [name] of images) expect(script).toContain(`"$${name}"`);
  });

  test('starts PostgreSQL with as many connections as the tests have at home', () => {
    const [, connections] = /max_connections=(\d+)/.exec(linesOf(workflow.jobs.servers!).join('\n')) ?? [];
    expect(text('apps/local/src/postgres.ts')).toContain(`'max_connections=${connections}'`);
  });

  test('tests the oldest Node that may install this, with no server of its own', () => {
    const versions = workflow.jobs.bare!.steps.flatMap((step) => step.with?.['node-version'] ?? []);
    expect(versions.map((version) => `>=${version}`)).toEqual([manifest.engines.node]);
    expect(handedOn(workflow.jobs.bare!)).toEqual([]);
  });

  test('checks out the whole history, without which the upgrade test could only be skipped', () => {
    const testing = jobs.filter(([, job]) => linesOf(job).at(-1)!.endsWith('npm test'));
    expect(testing.length).toBeGreaterThan(1);
    const checkouts = testing.flatMap(([, { steps }]) =>
      steps.filter(({ uses }) => uses?.startsWith('actions/checkout@')),
    );
    expect(checkouts.length).toBe(testing.length);
    for (const checkout of checkouts) expect(checkout.with).toEqual({ 'fetch-depth': 0 });
  });

  test('uses the Node of the image elsewhere', () => {
    expect(`FROM node:${text('.nvmrc').trim()}-slim`).toBe(/^FROM \S+/m.exec(text('Dockerfile'))?.[0]);
  });
});
