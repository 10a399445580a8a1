import { createHash } from 'node:crypto';
import { CHANNELS, type Channel } from '@carillon/core/notification/channel';
import { decide, type Preferences } from '@carillon/core/recipient/preferences';
import { addressHash } from '@carillon/core/recipient/suppression';
import { countReview } from '@carillon/db/campaigns/count-review';
import { readReview, requestReview } from '@carillon/db/campaigns/reviews';
import { type Database, openDatabase } from '@carillon/db/connection/client';
import { openSetStatements, type SetStatements } from '@carillon/db/connection/set-statements';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { insertCampaign, insertPeople, insertTemplate } from '../../../../test/support/campaign-rows.ts';
import { type TestDatabase, testDatabase } from '../../../../test/support/database.ts';
import { insertApp } from '../../../../test/support/rows.ts';
import { reviews } from './review.ts';

let database: TestDatabase;
let db: Database;
let sets: SetStatements;

beforeAll(async () => {
  database = await testDatabase();
  db = openDatabase({ url: database.url, name: 'test' });
  sets = openSetStatements({ url: database.url, name: 'test' });
});
afterAll(async () => {
  await sets.close();
  await db.close();
  await database.drop();
});

const duty = () => reviews({ sql: db.sql, sets: sets.sql, stopping: new AbortController().signal });

test('a review that was asked for is counted once, also by two workers at once', async () => {
  const { sql } = db;
  const appId = await insertApp(sql);
  const template = await insertTemplate(sql, appId, { required: ['name', 'code'] });
  await insertPeople(sql, {
    appId,
    count: 10,
    reachable: 'n < 8',
    attributes: `case when n < 5 then jsonb_build_object('name', 'N') else '{"name": null}' end`,
    timeZone: `case when n < 4 then 'Europe/Berlin' when n = 4 then 'Mars/Olympus' end`,
  });
  const id = await insertCampaign(sql, {
    appId,
    templateIds: [template],
    template: 'news',
    variables: { name: 'attributes.name' },
  });
  await requestReview(sql, id, 'f'.repeat(32), 'test');
  const counted = await Promise.all([duty().runOnce(), duty().runOnce()]);
  expect(counted.toSorted()).toEqual([0, 1]);
  expect(await readReview(sql, id)).toMatchObject({
    state: 'done',
    result: {
      matched: 10,
      reachable: { email: 8 },
      no_contact_point: 2,
      suppressed: 0,
      opted_out: 0,
      missing_variable: { name: 5, code: 10 },
      unknown_zone: 6,
    },
  });
});

test('a review of what is gone fails with the reason', async () => {
  const appId = await insertApp(db.sql);
  const id = await insertCampaign(db.sql, { appId, templateIds: [], template: 'none' });
  await requestReview(db.sql, id, 'f'.repeat(32), 'test');
  await duty().runOnce();
  const review = await readReview(db.sql, id);
  expect(review).toMatchObject({ state: 'failed', error: expect.stringContaining('no template "none"') });
});

interface Somebody {
  addresses: { kind: 'email' | 'phone'; address: string; suppressed: boolean; disabled: boolean }[];
  preferences: Pick<Preferences, 'channels' | 'categories'> | null;
}

const wish = fc.oneof(
  fc.boolean(),
  fc.dictionary(fc.constantFrom('email', 'sms', 'in_app'), fc.boolean(), { maxKeys: 3 }),
);
const address = fc.record({
  kind: fc.constantFrom('email' as const, 'phone' as const),
  address: fc.constantFrom('Ada', 'josé', '💌', 'x'),
  suppressed: fc.boolean(),
  disabled: fc.boolean(),
});
const somebody: fc.Arbitrary<Somebody> = fc.record({
  addresses: fc.array(address, { maxLength: 3 }),
  preferences: fc.option(
    fc.record({
      channels: fc.dictionary(fc.constantFrom(...CHANNELS), fc.boolean(), { maxKeys: 2 }),
      categories: fc.dictionary(fc.constantFrom('offers', 'Offers', 'other'), wish, { maxKeys: 2 }),
    }),
  ) as fc.Arbitrary<Somebody['preferences']>,
});

test('people are counted as the deliver pipeline would decide: contact points, suppressions, wishes', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(somebody, { minLength: 1, maxLength: 12 }),
      fc.uniqueArray(fc.constantFrom<Channel>('email', 'sms', 'in_app'), { minLength: 1 }),
      fc.record({ defaultOn: fc.boolean(), locked: fc.boolean() }),
      async (people, route, rule) => {
        const appId = await insertApp(db.sql);
        const expected = {
          reachable: Object.fromEntries(route.map((channel) => [channel, 0])),
          suppressed: 0,
          opted_out: 0,
          no_contact_point: 0,
        };
        for (const [n, { addresses, preferences }] of people.entries()) {
          const id = `p${n}`;
          await db.sql`insert into recipients (app_id, environment, id) values (${appId}, 'test', ${id})`;
          const points = new Map<Channel, boolean>();
          for (const [m, { kind, address, suppressed, disabled }] of addresses.entries()) {
            const channel = kind === 'email' ? 'email' : 'sms';
            const unique = createHash('sha256').update(`${n} ${m}`).digest('hex').slice(0, 8);
            const text =
              kind === 'email'
                ? `${address}${unique}@example.test`
                : `+1415555${String(n * 10 + m).padStart(4, '0')}`;
            await db.sql`
              insert into contact_points (app_id, environment, recipient_id, kind, address, disabled_at)
              values (${appId}, 'test', ${id}, ${kind}, ${text}, ${disabled ? new Date() : null})`;
            if (suppressed)
              await db.sql`
                insert into suppressions (app_id, environment, channel, address_hash, reason)
                values (${appId}, 'test', ${channel}, ${addressHash(appId, channel, text)}, 'manual')`;
            if (!disabled) points.set(channel, points.get(channel) === true || !suppressed);
          }
          if (preferences !== null)
            await db.sql`
              insert into user_preferences (app_id, environment, recipient_id, channels, categories)
              values (${appId}, 'test', ${id}, ${db.sql.json(preferences.channels)},
                ${JSON.stringify(preferences.categories)}::text::jsonb)`;
          points.set('in_app', true);
          const own = preferences ?? { channels: {}, categories: {} };
          const has = route.filter((channel) => points.has(channel));
          const free = has.filter((channel) => points.get(channel));
          const reached = free.find(
            (channel) => decide(own, { channel, category: 'offers', priority: 'bulk' }, rule).wanted,
          );
          if (reached !== undefined) expected.reachable[reached]! += 1;
          else if (has.length === 0) expected.no_contact_point += 1;
          else if (free.length === 0) expected.suppressed += 1;
          else expected.opted_out += 1;
        }
        const counted = await countReview(sets.sql, {
          tenant: { appId, environment: 'test' },
          audience: sets.sql`true`,
          route,
          category: 'offers',
          rule,
          needed: [],
        });
        expect(counted).toMatchObject({ matched: people.length, ...expected });
      },
    ),
    { numRuns: 40 },
  );
}, 120_000);
