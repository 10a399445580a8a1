import { REQUIRED_MIGRATIONS } from '@carillon/db/required-migrations';
import postgres from 'postgres';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { type TestDatabase, testDatabase } from './support/database.ts';
import { type Program, startProgram } from './support/program.ts';
import { type TestRedis, testRedis } from './support/redis.ts';
import { until } from './support/until.ts';
import { untrustedTls } from './support/untrusted-tls.ts';

/** Starting a program takes seconds, on a busy machine many. */
vi.setConfig({ testTimeout: 180_000 });

/** What programs say of what they need: in GET /readyz, and in their log. */
let database: TestDatabase;
let redis: TestRedis;
let sql: postgres.Sql;
const programs: Program[] = [];
const PASSWORD = 'a-password-that-is-wrong';

beforeAll(() => {
  redis = testRedis();
});
beforeEach(async () => {
  database = await testDatabase();
  sql = postgres(database.url, { max: 1, onnotice: () => {} });
});
afterEach(async () => {
  await Promise.all(programs.splice(0).map((program) => program.stop()));
  await sql.end();
  await database.drop();
});
afterAll(() => redis.clean());

const KINDS = {
  API: { script: 'apps/api/src/main.ts', port: 'API_PORT', url: /"url":"([^"]+)"/ },
  worker: { script: 'apps/worker/src/main.ts', port: 'WORKER_PORT', url: /"url":"([^"]+)"/ },
  dashboard: { script: 'apps/dashboard/server/main.ts', port: 'DASHBOARD_PORT', url: /"url":"([^"]+)"/ },
} as const;
type Kind = keyof typeof KINDS;

async function started(kind: Kind, env: Record<string, string> = {}) {
  const { script, port, url: announced } = KINDS[kind];
  const program = startProgram(script, {
    DATABASE_URL: database.url,
    REDIS_URL: redis.url,
    NAMESPACE: redis.namespace,
    [port]: '0',
    ...env,
  });
  programs.push(program);
  const url = await program.says(announced);
  const readiness = async () => {
    const answer = await fetch(`${url}/readyz`);
    return { code: answer.status, body: (await answer.json()) as Readiness };
  };
  return { program, url, readiness };
}
interface Readiness {
  status: string;
  postgres: string;
  redis: string;
  missing_migrations: string[];
  channels_without_account: string[] | null;
  problems: { part: string; code: string; message: string }[];
}

const ALL: readonly Kind[] = ['API', 'worker', 'dashboard'];

describe.each(ALL)('the %s', (kind) => {
  test('is not ready while the database lacks migrations, names them and the command, and lacks none once they are applied', async () => {
    const [last] = await sql`delete from drizzle.__drizzle_migrations where created_at =
      (select max(created_at) from drizzle.__drizzle_migrations) returning hash, created_at`;
    const { program, url, readiness } = await started(kind);
    const name = REQUIRED_MIGRATIONS.at(-1);
    const message = `PostgreSQL lacks 1 migration(s) that this release needs (${name}): run "node db/migrate.ts".`;
    await until('readiness to name it', async () => {
      const { code, body } = await readiness();
      return code === 503 && body.problems.some((problem) => problem.message === message) && body;
    });
    expect((await readiness()).body.missing_migrations).toEqual([name]);
    expect((await fetch(`${url}/healthz`)).status).toBe(200);
    await program.says(/lacks 1 migration/);
    await sql`insert into drizzle.__drizzle_migrations ${sql(last!)}`;
    await until('it to lack none', async () => (await readiness()).body.missing_migrations.length === 0);
    if (kind === 'worker') await program.says(/worker is up/);
    else expect((await readiness()).code).toBe(200);
  });

  test('says why PostgreSQL and Redis are away: in its log with the host, one line each, in /readyz without it', async () => {
    const { program, url, readiness } = await started(kind, {
      DATABASE_URL: `postgres://somebody:${PASSWORD}@127.0.0.1:1/carillon`,
      REDIS_URL: `redis://:${PASSWORD}@127.0.0.1:2`,
    });
    await program.says(/PostgreSQL at 127\.0\.0\.1:1 refuses connections/);
    await program.says(/Redis at 127\.0\.0\.1:2 refuses connections/);
    await until('readiness to say both', async () => (await readiness()).body.problems.length === 2);
    for (let times = 0; times < 5; times++) await readiness();
    const { code, body } = await readiness();
    expect([code, body.postgres, body.redis]).toEqual([503, 'down', 'down']);
    const message = (what: string, setting: string) =>
      `${what} refuses connections: start it, or correct host and port in ${setting}.`;
    expect(body.problems).toEqual([
      { part: 'postgres', code: 'ECONNREFUSED', message: message('PostgreSQL', 'DATABASE_URL') },
      { part: 'redis', code: 'ECONNREFUSED', message: message('Redis', 'REDIS_URL') },
    ]);
    expect((await fetch(`${url}/healthz`)).status).toBe(200);
    expect(program.output().match(/refuses connections/g)).toHaveLength(2);
    expect(program.output()).not.toContain(PASSWORD);
    await program.stop();
    expect(await program.exit).toBe(0);
  });
});

test('a worker names certificates of PostgreSQL and Redis that are not trusted, and is healthy meanwhile', async () => {
  const [ofRedis, ofPostgres] = await Promise.all([untrustedTls('redis'), untrustedTls('postgres')]);
  const { program, url } = await started('worker', {
    DATABASE_URL: `postgres://u:p@127.0.0.1:${ofPostgres.port}/carillon?sslmode=verify-full`,
    REDIS_URL: `rediss://127.0.0.1:${ofRedis.port}`,
  });
  const remedies = { PostgreSQL: 'name a file', Redis: 'set NODE_EXTRA_CA_CERTS' };
  for (const [what, remedy] of Object.entries(remedies))
    await program.says(new RegExp(`The certificate of ${what} at \\S+ is not trusted: ${remedy}`));
  expect((await fetch(`${url}/healthz`)).status).toBe(200);
  await Promise.all([ofRedis.close(), ofPostgres.close()]);
});

test('an API names passwords that PostgreSQL and Redis refuse, and shows neither', async () => {
  const [postgresUrl, redisUrl] = [new URL(database.url), new URL(redis.url)];
  postgresUrl.password = PASSWORD;
  Object.assign(redisUrl, { username: 'somebody', password: PASSWORD });
  const { program, readiness } = await started('API', {
    DATABASE_URL: postgresUrl.href,
    REDIS_URL: redisUrl.href,
  });
  await program.says(
    /PostgreSQL at \S+ refuses the password of the user \\"\w+\\": correct it in DATABASE_URL/,
  );
  await program.says(/Redis at \S+ refuses the password: correct it in REDIS_URL/);
  const { body } = await readiness();
  expect(body.problems.map(({ code }) => code)).toEqual(['28P01', 'WRONGPASS']);
  expect(program.output() + JSON.stringify(body)).not.toContain(PASSWORD);
});

test('a worker without any provider account is not ready, and says once which channels have none', async () => {
  const { program, readiness } = await started('worker');
  await program.says(/No provider account can be used for email, sms, push, in_app/);
  const { code, body } = await readiness();
  expect([code, body.status]).toEqual([503, 'not_ready']);
  expect(body.channels_without_account).toEqual(['email', 'sms', 'push', 'in_app']);
  expect(body.problems.map(({ code: each }) => each)).toEqual(['no_account']);
  expect(program.output().match(/No provider account can be used/g)).toHaveLength(1);
});
