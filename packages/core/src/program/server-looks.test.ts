import { expect, test } from 'vitest';
import type { LogFields } from './log.ts';
import { createOutageReport } from './outage-report.ts';
import { type ServerLooksOptions, type ServerState, serverLooks } from './server-looks.ts';

const trouble = (code: string) => ({
  logged: { code, sentence: `${code} happened.` },
  problem: { code, title: code } as never,
});

function looks(over: Partial<ServerLooksOptions> = {}) {
  const lines: string[] = [];
  const note = (_: string, fields?: LogFields) => lines.push(String(fields?.reason));
  let asked = 0;
  const look = serverLooks({
    database: async () => {
      asked += 1;
      return { postgres: 'ok', missingMigrations: [], trouble: null };
    },
    redis: { look: async () => 'ok', trouble: () => null },
    report: createOutageReport({ info: note, warn: note }, () => 0),
    ...over,
  });
  return { look, lines, asked: () => asked };
}

test('both servers are reported as they say they are', async () => {
  const { look, lines } = looks({
    database: async () => ({ postgres: 'read_only', missingMigrations: ['0001'], trouble: null }),
  });
  expect(await look(100)).toEqual({
    postgres: 'read_only',
    missing_migrations: ['0001'],
    redis: 'ok',
    problems: [],
  });
  expect(lines).toEqual([]);
});

test('without Redis it is not configured, and no trouble', async () => {
  const { look } = looks({ redis: null });
  expect(await look(100)).toMatchObject({ redis: 'not_configured', problems: [] });
});

test('a Redis that fails or does not answer in time is down', async () => {
  const down: (() => Promise<ServerState>)[] = [
    () => Promise.reject(new Error('refused')),
    () => new Promise(() => {}),
  ];
  for (const look of down) {
    const { look: all } = looks({ redis: { look, trouble: () => null } });
    expect(await all(5)).toMatchObject({ redis: 'down', postgres: 'ok' });
  }
});

test('the trouble of each is a problem and a line of the log, that of PostgreSQL first', async () => {
  const [ofPostgres, ofRedis] = [trouble('ECONNREFUSED'), trouble('WRONGPASS')];
  const { look, lines } = looks({
    database: async () => ({ postgres: 'down', missingMigrations: [], trouble: ofPostgres }),
    redis: { look: async () => 'down', trouble: () => ofRedis },
  });
  expect((await look(100)).problems).toEqual([ofPostgres.problem, ofRedis.problem]);
  expect(lines).toEqual(['ECONNREFUSED happened.', 'WRONGPASS happened.']);
});

test('calls at the same time share one check, a later call makes its own', async () => {
  const { look, asked } = looks();
  const [one, other] = await Promise.all([look(100), look(100)]);
  expect(asked()).toBe(1);
  expect(one).toBe(other);
  await look(100);
  expect(asked()).toBe(2);
});
