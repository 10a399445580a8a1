import { WAKE_CHANNEL } from '@carillon/db/outbox/wake';
import postgres from 'postgres';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { type ApiUnderTest, apiUnderTest } from '../../../../test/support/api.ts';
import { type TestDatabase, testDatabase } from '../../../../test/support/database.ts';
import { until } from '../../../../test/support/until.ts';

let database: TestDatabase;
let api: ApiUnderTest;

beforeAll(async () => {
  database = await testDatabase();
  api = await apiUnderTest(database.url);
});
afterEach(() => api.db.sql.unsafe('drop trigger if exists poison on notifications'));
afterAll(async () => {
  await api.close();
  await database.drop();
});

const mail = (category: string, priority = 'normal') => ({
  to: { email: 'a@example.com' },
  channel: 'email',
  content: { subject: 'S', text: 'T' },
  category,
  priority,
});
const send = (category: string) => api.request('POST', '/v1/notifications', mail(category));

/** Makes PostgreSQL refuse the category `poison` with this SQLSTATE: a value that passed all input checks. */
async function poison(sqlState: string): Promise<void> {
  await api.db.sql.unsafe(`
    create or replace function poison() returns trigger language plpgsql as $$
    begin
      if new.category = 'poison' then raise exception 'poisonous' using errcode = '${sqlState}'; end if;
      return new;
    end $$;
    create trigger poison before insert on notifications for each row execute function poison();`);
}

test.each([
  ['a value it cannot hold', '22P05', 422, 'invalid_request'],
  ['a broken rule', '23514', 500, 'internal'],
])(
  'a row that PostgreSQL refuses for %s does not fail the others of its group',
  async (_, sqlState, status, code) => {
    await poison(sqlState);
    const categories = Array.from({ length: 40 }, (__, n) =>
      n === 17 ? 'poison' : `fine-${sqlState.toLowerCase()}`,
    );
    const answers = await Promise.all(categories.map(send));
    expect(answers.map((answer) => answer.status)).toEqual(
      categories.map((category) => (category === 'poison' ? status : 202)),
    );
    expect(answers[17]!.body.code).toBe(code);
    const [row] = await api.db
      .sql`select count(*)::int as n from notifications where category = ${`fine-${sqlState.toLowerCase()}`}`;
    expect(row!.n).toBe(39);

    const { body } = await api.request('POST', '/v1/notifications/batch', {
      notifications: [mail('before'), mail('poison'), mail('after')],
    });
    expect(body.results.map((result: { status: number }) => result.status)).toEqual([202, status, 202]);
  },
);

test('concurrent sends share statements, and each gets its own answer', async () => {
  const groups = async () =>
    /carillon_group_commit_size_count\{statement="accept"\} (\d+)/.exec(
      (await api.request('GET', '/metrics')).body,
    )![1];
  const before = Number(await groups());
  const answers = await Promise.all(Array.from({ length: 200 }, (_, n) => send(`c${n}`)));
  expect(Number(await groups()) - before).toBeLessThan(100);
  const rows = await api.db.sql<{ id: string; category: string }[]>`
    select id, category from notifications where id = any (${answers.map((answer) => answer.body.id)}::uuid[])`;
  const categoryOf = new Map(rows.map((row) => [row.id, row.category]));
  expect(answers.map((answer) => categoryOf.get(answer.body.id))).toEqual(answers.map((_, n) => `c${n}`));
});

test('after the commit the relay of each priority is woken', async () => {
  const listener = postgres(database.url, { max: 1 });
  const rung: string[] = [];
  await listener.listen(WAKE_CHANNEL, (priority) => rung.push(priority));
  await api.request('POST', '/v1/notifications/batch', {
    notifications: [mail('x', 'critical'), mail('x', 'bulk'), mail('x', 'bulk')],
  });
  await until('both bells', () => rung.includes('critical') && rung.includes('bulk'));
  expect(rung).not.toContain('normal');
  await listener.end();
});
