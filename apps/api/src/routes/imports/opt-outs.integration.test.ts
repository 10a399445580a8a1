import { addressHash } from '@carillon/core/recipient/suppression';
import { putPreferences } from '@carillon/db/preferences/change-preferences';
import { putRecipient } from '@carillon/db/recipients/put-recipient';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type ApiUnderTest, apiUnderTest } from '../../../../../test/support/api.ts';
import { type TestDatabase, testDatabase } from '../../../../../test/support/database.ts';
import { uploadFile } from '../../../../../test/support/imports.ts';
import { insertApp } from '../../../../../test/support/rows.ts';

let database: TestDatabase;
let api: ApiUnderTest;
beforeAll(async () => {
  database = await testDatabase();
  api = await apiUnderTest(database.url);
});
afterAll(async () => {
  await api.close();
  await database.drop();
});

interface Row {
  id: string;
  email?: string | null;
  phone?: string | null;
  locale?: string | null;
  time_zone?: string | null;
  attributes?: Record<string, unknown>;
  preferences?: Record<string, boolean>;
}

/** Everything that an import may touch, besides ids and times. */
async function held(appId: string) {
  const { sql } = api.db;
  const [recipients, points, preferences, suppressions] = await Promise.all([
    sql`select id, locale, time_zone, attributes from recipients where app_id = ${appId} order by id`,
    sql`select recipient_id, kind, address, disabled_at is not null as disabled, disabled_reason from contact_points
      where app_id = ${appId} order by recipient_id, kind, address`,
    sql`select recipient_id, channels, categories from user_preferences
      where app_id = ${appId} and categories <> '{}' order by recipient_id`,
    sql`select channel, count(*)::int as count from suppressions where app_id = ${appId} group by channel`,
  ]);
  return [recipients, points, preferences, suppressions].map((rows) => [...rows]);
}

/** A row as single requests: PUT, and the wishes by the rule that an opt-out stays. */
async function putOne(
  appId: string,
  { id, time_zone: timeZone, preferences, ...fields }: Row,
): Promise<void> {
  const tenant = { appId, environment: 'live' } as const;
  await putRecipient(api.db.sql, tenant, id, { ...fields, timeZone });
  if (!preferences) return;
  const [before] = await api.db.sql<{ categories: Record<string, boolean> }[]>`
    select categories from user_preferences where app_id = ${appId} and recipient_id = ${id}`;
  const categories = { ...before?.categories };
  for (const [name, isWanted] of Object.entries(preferences))
    categories[name] = isWanted && categories[name] !== false;
  await putPreferences(api.db.sql, tenant, id, { categories });
}

const optional = <T>(value: fc.Arbitrary<T>) =>
  fc.option(fc.option(value, { nil: null }), { nil: undefined });
const row: fc.Arbitrary<Row> = fc.record({
  id: fc.constantFrom('ada', 'bob', 'eve'),
  email: optional(fc.constantFrom('one@example.com', 'two@example.com')),
  phone: optional(fc.constantFrom('+14155550100', '+14155550101')),
  locale: optional(fc.constantFrom('en', 'de')),
  time_zone: optional(fc.constantFrom('Europe/Paris')),
  attributes: fc.option(fc.constantFrom({}, { plan: 'pro' }, { plan: null, n: [1, 'ü\t\\n"'] }), {
    nil: undefined,
  }),
  preferences: fc.option(fc.dictionary(fc.constantFrom('news', 'offers'), fc.boolean()), { nil: undefined }),
}) as fc.Arbitrary<Row>;
const event = fc.oneof(
  fc.record({ bounced: fc.constantFrom('one@example.com', 'two@example.com', '+14155550100') }),
  fc.record({ left: fc.constantFrom('ada', 'bob', 'eve'), category: fc.constantFrom('news', 'offers') }),
);
const step = fc.oneof(
  { weight: 4, arbitrary: fc.array(row, { minLength: 1, maxLength: 6 }) },
  { weight: 2, arbitrary: event },
);

test('an import leaves what single requests leave, and no opt-out becomes an opt-in', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 6 }), async (steps) => {
      const { sql } = api.db;
      const [one, many] = [await insertApp(sql), await insertApp(sql)];
      const key = await api.key({ appId: many });
      const optOuts = new Set<string>();
      for (const each of steps) {
        if (Array.isArray(each)) {
          for (const single of each) await putOne(one, single);
          const file = each.map((single) => `${JSON.stringify(single)}\n`).join('');
          const answer = await uploadFile(api, 'ndjson', file, { key });
          expect(answer.body).toMatchObject({ read: each.length, failed: 0 });
          for (const { id, preferences } of each)
            for (const [name, isWanted] of Object.entries(preferences ?? {}))
              if (!isWanted) optOuts.add(`${id} ${name}`);
        } else if ('bounced' in each) {
          await sql`
            update contact_points set disabled_at = now(), disabled_reason = 'bounced'
            where address = ${each.bounced} and app_id in (${one}, ${many})`;
          for (const appId of [one, many])
            await sql`
              insert into suppressions (app_id, environment, channel, address_hash, reason)
              values (${appId}, 'live', 'email', ${addressHash(appId, 'email', each.bounced)}, 'bounce')
              on conflict do nothing`;
        } else {
          await sql`
            insert into user_preferences (app_id, environment, recipient_id, categories)
            select app_id, environment, id, ${sql.json({ [each.category]: false })}::jsonb from recipients
            where id = ${each.left} and app_id in (${one}, ${many})
            on conflict (app_id, environment, recipient_id)
            do update set categories = user_preferences.categories || excluded.categories`;
          const [known] = await sql`select from recipients where id = ${each.left} and app_id = ${many}`;
          if (known) optOuts.add(`${each.left} ${each.category}`);
        }
      }
      expect(await held(many)).toEqual(await held(one));
      for (const optOut of optOuts) {
        const [id, name] = optOut.split(' ');
        const [wishes] = await sql`
          select categories -> ${name!} as wanted from user_preferences where app_id = ${many} and recipient_id = ${id!}`;
        expect(wishes?.wanted, optOut).toBe(false);
      }
    }),
    { numRuns: 25 },
  );
}, 120_000);

test('resubscribe=true lets a later choice count, enables addresses and lifts their suppressions, with an audit entry', async () => {
  const appId = await insertApp(api.db.sql);
  const key = await api.key({ appId });
  const ask = (method: string, path: string, body?: unknown) => api.request(method, path, body, { key });
  const file = '{"id":"gnu","email":"gnu@example.com","phone":"+14155550122","preferences":{"news":true}}\n';
  const upload = async (query: string) => (await uploadFile(api, 'ndjson', file, { key, query })).body;
  const state = async () => {
    const { body } = await ask('GET', '/v1/recipients/gnu');
    const preferences = (await ask('GET', '/v1/recipients/gnu/preferences')).body.categories;
    const list = (await ask('GET', '/v1/suppressions')).body.data.length;
    const disabled = body.contact_points.filter(
      (point: { disabled_at: string }) => point.disabled_at !== null,
    );
    return { preferences, list, disabled: disabled.length };
  };

  await upload('');
  await ask('PUT', '/v1/recipients/gnu/preferences', { categories: { news: false } });
  await ask('POST', '/v1/suppressions', {
    channel: 'email',
    address: 'GNU@example.com',
    reason: 'unsubscribe',
  });
  await ask('POST', '/v1/suppressions', { channel: 'sms', address: '+14155550122', reason: 'stop' });
  await ask('POST', '/v1/suppressions', { channel: 'sms', address: '+14155550199', reason: 'stop' });
  await api.db.sql`
    update contact_points set disabled_at = now(), disabled_reason = 'bounced' where app_id = ${appId} and kind = 'email'`;
  const before = { preferences: { news: false }, list: 3, disabled: 1 };

  expect(await upload('')).toMatchObject({ unchanged: 1 });
  expect(await upload('?mode=replace')).toMatchObject({ unchanged: 1 });
  expect(await state()).toEqual(before);
  expect(await upload('?resubscribe=true&dry_run=true')).toMatchObject({ updated: 1 });
  expect(await state()).toEqual(before);
  expect(await upload('?resubscribe=true')).toMatchObject({ updated: 1 });
  expect(await state()).toEqual({ preferences: { news: true }, list: 1, disabled: 0 });
  const audited = await api.db.sql`
    select detail->>'recipients' as recipients from audit_log where app_id = ${appId} and action = 'recipient.resubscribe'`;
  expect(audited).toEqual([{ recipients: '1' }]);
});
