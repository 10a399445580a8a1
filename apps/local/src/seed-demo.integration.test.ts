import { createApiKey } from '@carillon/core/access/api-key';
import postgres from 'postgres';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type TestDatabase, testDatabase } from '../../../test/support/database.ts';
import type { Secrets } from './secrets.ts';
import { seedDemo } from './seed-demo.ts';

describe('the demo app', () => {
  let database: TestDatabase;
  let sql: postgres.Sql;
  const secrets: Secrets = {
    appId: crypto.randomUUID(),
    testKey: createApiKey('test').text,
    liveKey: createApiKey('live').text,
    staffEmail: 'demo@carillon.example',
    staffPassword: 'correct horse battery staple',
    postgresPassword: '',
  };

  beforeAll(async () => {
    database = await testDatabase();
    sql = postgres(database.url, { max: 1 });
  });
  afterAll(async () => {
    await sql.end();
    await database.drop();
  });

  it('is the same after a second seeding, and keeps changes of the user', async () => {
    await seedDemo(database.url, secrets);
    await sql`update recipients set locale = 'de' where id = 'user_1'`;
    const before = await counts();
    await seedDemo(database.url, secrets);
    expect(await counts()).toEqual(before);
    expect(before).toEqual({ keys: 2, people: 40, points: 102, templates: 6, versions: 16, staff: 1 });
    const kept = await sql`select distinct locale from recipients where id = 'user_1'`;
    expect(kept).toEqual([{ locale: 'de' }]);
  });

  it('lets the page of this start show inboxes, and leaves the origins of the user', async () => {
    await sql`update apps set allowed_origins = array['https://mine.example'] where id = ${secrets.appId}`;
    for (const port of [4010, 4010, 4110]) await seedDemo(database.url, secrets, `http://127.0.0.1:${port}`);
    const [app] = await sql`select allowed_origins from apps where id = ${secrets.appId}`;
    expect(app!.allowed_origins).toEqual([
      'https://mine.example',
      'http://127.0.0.1:4010',
      'http://127.0.0.1:4110',
    ]);
  });

  it('accepts the password of this data directory, also in a database seeded from another', async () => {
    const hashOf = async () => (await sql`select password_hash from staff_credentials`)[0]?.password_hash;
    const before = await hashOf();
    await seedDemo(database.url, { ...secrets, staffPassword: 'another password' });
    expect(await hashOf()).not.toBe(before);
  });

  async function counts() {
    const [row] = await sql`
      select (select count(*)::int from api_keys) as keys, (select count(*)::int from recipients) as people,
        (select count(*)::int from contact_points) as points, (select count(*)::int from templates) as templates,
        (select count(*)::int from template_versions) as versions, (select count(*)::int from staff) as staff`;
    return { ...row };
  }
});
