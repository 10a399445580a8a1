import { randomUUID } from 'node:crypto';
import type { Condition, FilterOp } from '@carillon/core/audience/filter';
import { fieldOf, OPS_OF_KIND } from '@carillon/core/audience/filter';
import { matches, type Person, type ResolvedFilter } from '@carillon/core/audience/matches';
import { readFilter } from '@carillon/core/audience/read-filter';
import type { CategoryRule } from '@carillon/core/recipient/preferences';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type TestDatabase, testDatabase } from '../../test/support/database.ts';
import { insertApp } from '../../test/support/rows.ts';
import { type Database, openDatabase } from '../connection/client.ts';
import { openSetStatements, type SetStatements } from '../connection/set-statements.ts';
import type { Tenant } from '../connection/tenant.ts';
import { compileFilter } from './compile-filter.ts';

let database: TestDatabase;
let db: Database;
let sets: SetStatements;
beforeAll(async () => {
  database = await testDatabase();
  db = openDatabase({ url: database.url, name: 'test', connections: 4 });
  sets = openSetStatements({ url: database.url, name: 'test' });
});
afterAll(async () => {
  await sets?.close();
  await db?.close();
  await database?.drop();
});

const NOW = new Date('2030-06-15T12:00:00.000Z');
const LISTS = [randomUUID(), randomUUID()];
const RULES: Record<string, CategoryRule> = {
  news: { defaultOn: true, locked: false },
  offers: { defaultOn: false, locked: false },
  security: { defaultOn: true, locked: true },
};
const ruleOf = (name: string): CategoryRule => RULES[name] ?? { defaultOn: true, locked: false };

/** Few values, so that conditions often hold, and many types for the same name. */
const TEXTS = ['pro', 'p', 'Pro', '', '5', 'true', 'null', 'ü', '😀', '%', '_', 'a\\b', '"', "'", 'İ', '$.a'];
const TIMES = [
  '2030-06-15',
  '2030-06-14T12:00:00Z',
  '2030-06-15T12:00:00.000Z',
  '2030-06-15T12:00',
  '2030-06-15 14:00:00+02:00',
  '2030-06-15T12:00:00.001-00:30',
  '2030-06-18T00:00:00Z',
  '2028-02-29',
  '2030-02-29',
  '0000-01-01',
  '0001-01-01T00:00:00+14:00',
  '9999-12-31T23:59:59.999-14:00',
  '2030-06-15T24:00:00Z',
  '2030-06-15T12:00:60Z',
  ' 2030-06-15',
  '2030-06-15\n',
  '15.06.2030',
  'infinity',
  'now',
];
const scalar = fc.oneof(
  fc.constantFrom(...TEXTS),
  fc.constantFrom(...TIMES),
  fc.constantFrom(0, -0, 1, 5, 5.5, -3, 1e21, 0.1, 1e-7),
  fc.boolean(),
);
const json = fc.oneof(
  { weight: 6, arbitrary: scalar },
  fc.constant(null),
  fc.array(fc.oneof(scalar, fc.constant(null), fc.array(scalar, { maxLength: 1 })), { maxLength: 3 }),
  fc.record({ city: scalar, '0': scalar }, { requiredKeys: [] }),
);
const NAMES = ['plan', 'age', '0', 'utm.source', 'a"b', '__proto__', 'ü', 'at'];
const attributes = fc.dictionary(fc.constantFrom(...NAMES), json, { maxKeys: 5 });
const said = fc.oneof(
  fc.boolean(),
  fc.dictionary(fc.constantFrom('email', 'sms', 'push', 'in_app'), fc.boolean(), { maxKeys: 4 }),
  fc.constant({ email: false, sms: false, push: false, in_app: false }),
);
const EMAILS = ['Ada@example.com', 'bob@example.org'];
const PHONES = ['+14155550100', '+447911123456'];

type Made = Person & { disabled: string[] };
const person: fc.Arbitrary<Made> = fc
  .record({
    id: fc.constantFrom('ada', 'Ada', 'bob_1', 'bob%', 'ü'),
    locale: fc.constantFrom(null, 'en', 'en-GB', 'pt-BR'),
    timeZone: fc.constantFrom(null, 'Europe/Berlin', 'UTC'),
    createdAt: fc.constantFrom(
      ...[0, 1, 86_400_000, 3 * 86_400_000, -86_400_000].map((ms) => new Date(NOW.getTime() - ms)),
    ),
    attributes,
    emails: fc.subarray(EMAILS),
    phones: fc.subarray(PHONES),
    disabled: fc.subarray([...EMAILS, ...PHONES]),
    hasPush: fc.boolean(),
    categories: fc.option(
      fc.dictionary(fc.constantFrom('news', 'News', 'offers', 'security', 'other'), said),
      {
        nil: null,
      },
    ),
    lists: fc.subarray(LISTS),
  })
  .map((made) => ({
    ...made,
    emails: made.emails.filter((each) => !made.disabled.includes(each)),
    phones: made.phones.filter((each) => !made.disabled.includes(each)),
  }));

const FIELDS = [
  'id',
  'locale',
  'time_zone',
  'email',
  'phone',
  'push',
  'created_at',
  'category.news',
  'category.offers',
  'category.security',
  'category.other',
  'attributes.plan.city',
  'attributes.plan.0',
  'attributes.none',
  ...NAMES.map((name) => `attributes.${name.replaceAll('.', '\\.')}`),
];
const value = fc.oneof(
  scalar,
  fc.array(scalar, { minLength: 1, maxLength: 4 }),
  fc.constantFrom(
    1,
    2,
    -3,
    10,
    ...EMAILS,
    ...PHONES,
    'EN',
    'en-',
    'ada',
    'bob',
    'example',
    '+1',
    'utc',
    true,
    false,
  ),
  fc.array(fc.constantFrom(...EMAILS), { minLength: 1, maxLength: 2 }),
  fc.array(fc.constantFrom(...PHONES), { minLength: 1, maxLength: 2 }),
);
/** Conditions that a request may have: what the reader refuses never comes to the statement. */
const condition: fc.Arbitrary<ResolvedFilter> = fc
  .constantFrom(...FIELDS)
  .chain((field) =>
    fc
      .constantFrom<FilterOp>(...OPS_OF_KIND[fieldOf(field)!.kind])
      .chain((op) =>
        op === 'exists' || op === 'not_exists'
          ? fc.constant<Condition>({ field, op })
          : value.map((each) => ({ field, op, value: each })),
      ),
  )
  .map((each) => readFilter(each))
  .filter((read) => 'filter' in read)
  .map((read) => (read as { filter: Condition }).filter);
const { filter } = fc.letrec<{ filter: ResolvedFilter }>((tie) => ({
  filter: fc.oneof(
    { maxDepth: 3, withCrossShrink: true },
    { weight: 5, arbitrary: condition },
    { weight: 1, arbitrary: fc.constantFrom(...LISTS).map((list) => ({ list })) },
    { weight: 1, arbitrary: fc.array(tie('filter'), { maxLength: 3 }).map((all) => ({ all })) },
    { weight: 1, arbitrary: fc.array(tie('filter'), { maxLength: 3 }).map((any) => ({ any })) },
    { weight: 1, arbitrary: tie('filter').map((not) => ({ not })) },
  ),
}));

async function insert({ appId, environment }: Tenant, people: readonly Made[]): Promise<void> {
  for (const each of people) {
    await db.sql`
      insert into recipients (app_id, environment, id, locale, time_zone, created_at, attributes)
      values (${appId}, ${environment}, ${each.id}, ${each.locale}, ${each.timeZone}, ${each.createdAt},
        ${JSON.stringify(each.attributes)}::text::jsonb)`;
    const points = [
      ...[...each.emails, ...each.disabled.filter((one) => one.includes('@'))].map((address) => [
        'email',
        address,
      ]),
      ...[...each.phones, ...each.disabled.filter((one) => !one.includes('@'))].map((address) => [
        'phone',
        address,
      ]),
      ...(each.hasPush ? [['apns', 'a1b2']] : []),
    ];
    for (const [kind, address] of points)
      await db.sql`
        insert into contact_points (app_id, environment, recipient_id, kind, address, disabled_at)
        values (${appId}, ${environment}, ${each.id}, ${kind!}, ${address!},
          ${each.disabled.includes(address!) ? NOW : null})`;
    if (each.categories !== null)
      await db.sql`
        insert into user_preferences (app_id, environment, recipient_id, categories)
        values (${appId}, ${environment}, ${each.id}, ${JSON.stringify(each.categories)}::text::jsonb)`;
    if (each.lists.length > 0)
      await db.sql`
        insert into audience_members (audience_id, recipient_id, app_id, environment)
        select id, ${each.id}, ${appId}, ${environment} from audiences where key = any (${each.lists as string[]}::text[]) and app_id = ${appId}`;
  }
}

test('a filter selects the same recipients as a statement and as a rule, and no value makes the statement fail', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.uniqueArray(person, { selector: ({ id }) => id, minLength: 1, maxLength: 5 }),
      fc.array(filter, { minLength: 10, maxLength: 20 }),
      async (people, filters) => {
        const tenant: Tenant = { appId: await insertApp(db.sql), environment: 'live' };
        const ids = await db.sql<{ id: string; key: string }[]>`
          insert into audiences (app_id, environment, key, name, kind, updated_by)
          select ${tenant.appId}, 'live', key, 'List', 'list', 'test' from unnest(${LISTS}::text[]) as key
          returning id, key`;
        await insert(tenant, people);
        const idOf = new Map(ids.map(({ id, key }) => [key, id]));
        for (const each of filters) {
          const stored = JSON.parse(
            JSON.stringify(each).replaceAll(new RegExp(LISTS.join('|'), 'g'), (list) => idOf.get(list)!),
          ) as ResolvedFilter;
          for (const sql of [db.sql, sets.sql]) {
            const rows = await sql<{ id: string }[]>`
              select id from recipients r
              where r.app_id = ${tenant.appId} and r.environment = ${tenant.environment}
                and ${compileFilter(sql, stored, { tenant, ruleOf, now: NOW })}`;
            const expected = people.filter((one) => matches(each, one, { now: NOW, ruleOf }));
            expect(rows.map(({ id }) => id).toSorted(), JSON.stringify(each)).toEqual(
              expected.map(({ id }) => id).toSorted(),
            );
          }
        }
      },
    ),
    { numRuns: 60 },
  );
});
