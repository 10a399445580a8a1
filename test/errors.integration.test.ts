import { createApiKey } from '@carillon/core/access/api-key';
import postgres from 'postgres';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { type TestDatabase, testDatabase } from './support/database.ts';
import { type ErrorReceiver, errorReceiver } from './support/error-receiver.ts';
import { startProgram } from './support/program.ts';
import { type TestRedis, testRedis } from './support/redis.ts';

/** Starting a program takes seconds, on a busy machine many. */
vi.setConfig({ testTimeout: 180_000 });

const PROGRAMS = {
  api: 'apps/api/src/main.ts',
  worker: 'apps/worker/src/main.ts',
  dashboard: 'apps/dashboard/server/main.ts',
};
let database: TestDatabase;
let redis: TestRedis;
let receiver: ErrorReceiver;

beforeAll(async () => {
  database = await testDatabase();
  redis = testRedis();
  receiver = await errorReceiver();
});
afterAll(async () => {
  await receiver.close();
  await redis.clean();
  await database.drop();
});

const settings = () => ({
  DATABASE_URL: database.url,
  REDIS_URL: redis.url,
  NAMESPACE: redis.namespace,
  API_PORT: '0',
  WORKER_PORT: '0',
  DASHBOARD_PORT: '0',
});

test.each(Object.entries(PROGRAMS))(
  'with a wrong DSN %s does not start, and says what to do',
  async (_, script) => {
    const program = startProgram(script, { ...settings(), SENTRY_DSN: 'https://errors.example/7' });
    expect(await program.exit).toBe(1);
    expect(program.output()).toMatch(
      /^The configuration has 1 problem\(s\):\n {2}- SENTRY_DSN="https:\/\/errors\.example\/7" is no DSN: it must look like .*\n$/,
    );
  },
);

test('a defect behind a request reaches the receiver without what the request said, and is sent before the end', async () => {
  const sql = postgres(database.url, { max: 1, onnotice: () => {} });
  const key = createApiKey('live');
  const [app] = await sql`insert into apps (name) values ('main') returning id`;
  await sql`insert into api_keys (id, app_id, environment, name, secret_hash, scopes)
    values (${key.keyId}, ${app!.id}, 'live', 'main', ${key.secretHash}, ${['admin']})`;
  const program = startProgram(PROGRAMS.api, {
    ...settings(),
    SENTRY_DSN: receiver.dsn,
    SENTRY_RELEASE: 'carillon@9.8.7',
  });
  const url = await program.says(/"url":"([^"]+)"/);
  await sql`alter table templates rename column published_version to renamed`;
  await sql.end();
  const answer = await fetch(`${url}/v1/templates/planted-template`, {
    headers: { authorization: `Bearer ${key.text}` },
  });
  const { request_id: requestId } = (await answer.json()) as { request_id: string };
  expect(answer.status).toBe(500);
  await program.stop();
  expect(await program.exit).toBe(0);
  expect(receiver.events).toHaveLength(1);
  expect(receiver.events[0]).toMatchObject({
    environment: 'test',
    release: 'carillon@9.8.7',
    tags: { service: 'carillon-api', code: '42703' },
    extra: { line: 'unexpected error', request_id: requestId, times: 1 },
    exception: { values: [{ type: 'PostgresError' }] },
  });
  for (const planted of ['planted', key.text, key.keyId])
    expect(receiver.raw.join('\n')).not.toContain(planted);
});
