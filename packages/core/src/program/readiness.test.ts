import { expect, test } from 'vitest';
import { troubleWith, troubleWithMigrations } from './readiness.ts';

const failure = (code: string) => Object.assign(new Error('no'), { code });
const CONTEXT = { what: 'Redis', setting: 'REDIS_URL', at: 'redis://cache.internal:6379' };

test('a known failure is logged with its host and shown without', () => {
  const { logged, problem } = troubleWith('redis', failure('ECONNREFUSED'), CONTEXT);
  expect(logged.code).toBe('ECONNREFUSED');
  expect(logged.sentence).toContain('Redis at cache.internal:6379 refuses connections');
  expect(problem).toMatchObject({ part: 'redis', code: 'ECONNREFUSED' });
  expect(problem.message).toContain('Redis refuses connections');
  expect(problem.message).not.toContain('cache.internal');
});

test('a failure without a sentence of its own is reported by its code', () => {
  const sentence = (code: string) => `Redis cannot be used (${code}): look at its log.`;
  expect(troubleWith('redis', failure('EODD'), CONTEXT).problem).toEqual({
    part: 'redis',
    code: 'EODD',
    message: sentence('EODD'),
  });
  expect(troubleWith('redis', { code: 7 }, CONTEXT).logged).toEqual({
    code: 'unknown',
    sentence: sentence('unknown'),
  });
});

test('missing migrations are a problem, none are not', () => {
  expect(troubleWithMigrations([], 'node db/migrate.ts')).toBeNull();
  expect(troubleWithMigrations(['0015', '0016'], 'node db/migrate.ts')?.problem).toEqual({
    part: 'migrations',
    code: 'missing_migrations',
    message:
      'PostgreSQL lacks 2 migration(s) that this release needs (0015, 0016): run "node db/migrate.ts".',
  });
});
