import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type TestDatabase, testDatabase } from '../../test/support/database.ts';
import { insertApp } from '../../test/support/rows.ts';
import { type Database, openDatabase } from '../connection/client.ts';
import type { Tenant } from '../connection/tenant.ts';
import { type MergedRecipient, mergeRecipients } from './merge-recipients.ts';
import { putRecipient } from './put-recipient.ts';

let database: TestDatabase;
let db: Database;
beforeAll(async () => {
  database = await testDatabase();
  db = openDatabase({ url: database.url, name: 'test', connections: 8 });
});
afterAll(async () => {
  await db?.close();
  await database?.drop();
});

const tenant = async (): Promise<Tenant> => ({ appId: await insertApp(db.sql), environment: 'live' });

/** Everything that a change of recipients may touch. */
async function held({ appId }: Tenant) {
  const recipients = await db.sql`
    select id, locale, time_zone, attributes from recipients where app_id = ${appId} order by id`;
  const points = await db.sql`
    select recipient_id, kind, address, disabled_at is not null as disabled, disabled_reason from contact_points
    where app_id = ${appId} order by recipient_id, kind, address`;
  return { recipients: [...recipients], points: [...points] };
}

const optional = <T>(value: fc.Arbitrary<T>) =>
  fc.option(fc.option(value, { nil: null }), { nil: undefined });
const recipient: fc.Arbitrary<MergedRecipient> = fc.record({
  id: fc.constantFrom('ada', 'bob', 'eve'),
  email: optional(fc.constantFrom('one@example.com', 'two@example.com')),
  phone: optional(fc.constantFrom('+14155550100', '+14155550101')),
  locale: optional(fc.constantFrom('en', 'de')),
  timeZone: optional(fc.constantFrom('Europe/Paris')),
  attributes: fc.option(fc.constantFrom({}, { plan: 'pro' }, { plan: null, n: [1, 'ü'] }), {
    nil: undefined,
  }),
});
const distinct = fc.uniqueArray(recipient, { selector: ({ id }) => id, minLength: 1, maxLength: 3 });
/** A bounce of an address, in between. */
const bounce = fc.constantFrom('one@example.com', 'two@example.com', '+14155550100');
const step = fc.oneof({ weight: 4, arbitrary: distinct }, { weight: 1, arbitrary: bounce });

test('a merge leaves what single PUTs leave, whatever was disabled in between', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 8 }), async (steps) => {
      const [one, many] = [await tenant(), await tenant()];
      for (const each of steps) {
        if (typeof each === 'string') {
          await db.sql`
            update contact_points set disabled_at = now(), disabled_reason = 'bounced'
            where address = ${each} and app_id in (${one.appId}, ${many.appId})`;
          continue;
        }
        for (const { id, ...fields } of each) await putRecipient(db.sql, one, id, fields);
        await db.sql.begin((tx) => mergeRecipients(tx, many, each));
      }
      expect(await held(many)).toEqual(await held(one));
    }),
    { numRuns: 60 },
  );
}, 60_000);

test('a merge says what became of each, and a repetition changes nothing', async () => {
  const here = await tenant();
  const people = [
    { id: 'new', email: 'new@example.com' },
    { id: 'old', locale: 'en' },
  ];
  await putRecipient(db.sql, here, 'old', { locale: 'de', email: 'old@example.com' });
  const merge = () => db.sql.begin((tx) => mergeRecipients(tx, here, people));
  expect((await merge()).map(({ became }) => became)).toEqual(['created', 'updated']);
  const before = await db.sql`select id, updated_at from recipients where app_id = ${here.appId} order by id`;
  expect((await merge()).map(({ became }) => became)).toEqual(['unchanged', 'unchanged']);
  const after = await db.sql`select id, updated_at from recipients where app_id = ${here.appId} order by id`;
  expect(after).toEqual(before);
});

test('merges of the same people at once never wait for each other in a circle, and leave one address each', async () => {
  const here = await tenant();
  const ids = Array.from({ length: 20 }, () => randomUUID());
  const merges = Array.from({ length: 16 }, (_, n) => {
    const order = n % 2 === 0 ? ids : ids.toReversed();
    const people = order.map((id) => ({ id, email: `${n}@example.com` }));
    return db.sql.begin((tx) => mergeRecipients(tx, here, people));
  });
  await Promise.all(merges);
  const points = await db.sql`
    select count(*)::int as count, count(distinct recipient_id)::int as people from contact_points where app_id = ${here.appId}`;
  expect(points).toEqual([{ count: 20, people: 20 }]);
});
