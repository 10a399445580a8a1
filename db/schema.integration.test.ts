import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { STATES } from '@carillon/core/notification/states';
import { dumpSchema } from '@carillon/db/dump-schema';
import postgres from 'postgres';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type TestDatabase, testDatabase } from '../test/support/database.ts';

const GOLDEN = path.join(import.meta.dirname, 'schema.sql');

let database: TestDatabase;
let sql: postgres.Sql;

beforeAll(async () => {
  database = await testDatabase();
  sql = postgres(database.url, { max: 1 });
});
afterAll(async () => {
  await sql.end();
  await database.drop();
});

describe('db/schema.sql', () => {
  it('is what the migrations make', async () => {
    const made = await dumpSchema(sql);
    // To refresh it after a migration: UPDATE_SCHEMA=1 npm test -- db/schema
    if (process.env.UPDATE_SCHEMA) writeFileSync(GOLDEN, made);
    const advice =
      'the migrations make another schema than db/schema.sql; if that is meant: UPDATE_SCHEMA=1 npm test -- db/schema';
    expect(made, advice).toBe(readFileSync(GOLDEN, 'utf8'));
  });
});

describe('audit_log', () => {
  const write = (action: string) =>
    sql`insert into audit_log (actor, action, subject) values ('system:test', ${action}, 'thing')`;

  it('refuses update, delete and truncate', async () => {
    await write('thing.make');
    for (const statement of [
      `update audit_log set actor = 'somebody else'`,
      'delete from audit_log',
      'truncate audit_log',
    ]) {
      await expect(sql.unsafe(statement), statement).rejects.toThrow('audit_log is append-only');
    }
    expect(await sql`select actor from audit_log`).toEqual([{ actor: 'system:test' }]);
  });

  it('chains every row to the one before, so that a rewritten past is detected', async () => {
    // Several connections at once: ids are handed out before the chain's lock is taken.
    const crowd = postgres(database.url, { max: 8 });
    await Promise.all(
      Array.from(
        { length: 200 },
        (_, i) =>
          crowd`insert into audit_log (actor, action, subject) values ('system:test', ${`thing.${i}`}, 'thing')`,
      ),
    );
    await crowd.end();
    expect(await brokenLinks()).toEqual([]);
    // What a superuser could do to hide something: only the chain reveals it.
    const [victim] = await sql`select min(id) as id from audit_log`;
    await sql`alter table audit_log disable trigger audit_log_append_only`;
    await sql`update audit_log set actor = 'nobody' where id = ${victim?.id}`;
    await sql`alter table audit_log enable trigger audit_log_append_only`;
    expect(await brokenLinks()).toEqual([victim?.id]);
  });

  it('ignores a hash in the inserted row', async () => {
    await sql`insert into audit_log (actor, action, subject, hash) values ('system:test', 'thing.fake', 'thing', 'forged')`;
    const [row] = await sql`select hash = 'forged' as forged from audit_log order by id desc limit 1`;
    expect(row?.forged).toBe(false);
  });

  async function brokenLinks(): Promise<string[]> {
    const rows = await sql<{ id: string }[]>`
      select id from (
        select id, hash, sha256(coalesce(lag(hash) over (order by id), '\\x'::bytea) || convert_to(
          concat_ws('|', id, extract(epoch from at), app_id, actor, action, subject, detail::text), 'UTF8')) as expected
        from audit_log
      ) chain where hash <> expected order by id`;
    return rows.map(({ id }) => id);
  }
});

describe('notifications', () => {
  const FINE = {
    id: crypto.randomUUID(),
    app_id: crypto.randomUUID(),
    state: 'pending',
    environment: 'test',
    priority: 'normal',
    channel: 'email',
    route: ['email', 'sms'],
    address: { email: 'ada@demo.example' },
    content: { subject: 'Hello', text: 'Hello' },
    idempotency_key: 'key',
    request_hash: Buffer.from('hash'),
  };
  const lease = { lease_token: crypto.randomUUID(), lease_until: new Date() };

  /** Inserts and rolls back; resolves to the name of the constraint that refused the row, or null. */
  async function refusedBy(change: Record<string, unknown>): Promise<string | null> {
    const row = { ...FINE, ...change };
    try {
      await sql.begin(async (tx) => {
        await tx`insert into notifications ${tx(row)}`;
        throw new Error('fine');
      });
    } catch (error) {
      if (error instanceof postgres.PostgresError) return error.constraint_name ?? error.message;
      if ((error as Error).message !== 'fine') throw error;
    }
    return null;
  }

  it('accept an ordinary row, so that every refusal below has one reason', async () => {
    expect(await refusedBy({})).toBeNull();
    expect(await refusedBy({ state: 'sending', ...lease })).toBeNull();
    expect(await refusedBy({ state: 'sent', provider: 'resend' })).toBeNull();
  });

  it.each([
    ['being sent without a lease', { state: 'sending' }, 'notifications_leased'],
    ['leased without being sent', { state: 'queued', ...lease }, 'notifications_leased'],
    [
      'with a lease that never ends',
      { state: 'sending', lease_token: lease.lease_token },
      'notifications_lease_ends',
    ],
    ['sent without a provider', { state: 'sent' }, 'notifications_sent_by_someone'],
    ['scheduled for no time', { state: 'scheduled' }, 'notifications_due'],
    ['retrying at no time', { state: 'retrying' }, 'notifications_due'],
    ['dead and yet due', { state: 'dead', next_attempt_at: new Date() }, 'notifications_not_due_when_final'],
    ['on a channel outside its route', { channel: 'push' }, 'notifications_channel_in_route'],
    ['without an address', { address: null }, 'notifications_addressed'],
    ['without a body', { content: null }, 'notifications_body'],
    ['with two bodies', { template_id: crypto.randomUUID(), template_version: 1 }, 'notifications_body'],
    [
      'of a template without a version',
      { content: null, template_id: crypto.randomUUID() },
      'notifications_template_pinned',
    ],
    ['with more tries than attempts', { tries: 1 }, 'notifications_tries'],
    ['in a state that does not exist', { state: 'lost' }, 'notifications_state'],
  ])('cannot be %s', async (_name, change, constraint) => {
    expect(await refusedBy(change)).toBe(constraint);
  });

  it('know exactly the states of the state table', async () => {
    const [check] =
      await sql`select pg_get_constraintdef(oid) as text from pg_constraint where conname = 'notifications_state'`;
    const known = [...String(check?.text).matchAll(/'(\w+)'::text/g)].map((match) => match[1]);
    expect(known.sort()).toEqual([...STATES].sort());
  });
});
