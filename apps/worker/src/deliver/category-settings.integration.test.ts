import { type Database, openDatabase } from '@carillon/db/connection/client';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type TestDatabase, testDatabase } from '../../../../test/support/database.ts';
import { insertApp } from '../../../../test/support/rows.ts';
import { type CategoryBook, categoryBook, DEFAULT_SETTINGS } from './category-settings.ts';

let database: TestDatabase;
let db: Database;
let book: CategoryBook;
let appId: string;
const errors: unknown[] = [];

beforeAll(async () => {
  database = await testDatabase();
  db = openDatabase({ url: database.url, name: 'test' });
  appId = await insertApp(db.sql);
  book = categoryBook(db.sql, { onError: (_, error) => errors.push(error) });
});
afterAll(async () => {
  await book.stop();
  await db.close();
  await database.drop();
});

const put = (
  name: string,
  policy: string,
  backoffSeconds: number[] | null = null,
  within: number | null = null,
) =>
  db.sql`
    insert into categories (app_id, environment, name, delivery_policy, resolve_within_seconds, backoff_seconds)
    values (${appId}, 'live', ${name}, ${policy}, ${within}, ${backoffSeconds}::int[])`;

test('a category without a row has the defaults', async () => {
  await book.known();
  expect(book.settingsFor(appId, 'live', 'security')).toEqual(DEFAULT_SETTINGS);
  expect(book.settingsFor(appId, 'live', null)).toEqual(DEFAULT_SETTINGS);
  expect(book.some(() => true)).toBe(false);
});

test('a category has its own row, else the app’s *; another environment has neither', async () => {
  await put('*', 'ask');
  await put('security', 'at_least_once', [1, 2], 90);
  await book.refresh();
  const security = { deliveryPolicy: 'at_least_once', resolveWithinSeconds: 90, backoffSeconds: [1, 2] };
  expect(book.settingsFor(appId, 'live', 'security')).toEqual({ ...DEFAULT_SETTINGS, ...security });
  expect(book.settingsFor(appId, 'live', 'news').deliveryPolicy).toBe('ask');
  expect(book.settingsFor(appId, 'live', null).deliveryPolicy).toBe('ask');
  expect(book.settingsFor(appId, 'test', 'security').deliveryPolicy).toBe('resolve');
});

test('a row that an older release stored in another case applies until there is one in normalised form', async () => {
  await put('Billing', 'at_most_once');
  await book.refresh();
  for (const name of ['billing', 'Billing', 'BILLING'])
    expect(book.settingsFor(appId, 'live', name).deliveryPolicy).toBe('at_most_once');
  await put('billing', 'ask');
  await book.refresh();
  expect(book.settingsFor(appId, 'live', 'Billing').deliveryPolicy).toBe('ask');
});

test('what a category’s e-mails carry is the category’s own choice', async () => {
  await db.sql`
    insert into categories (app_id, environment, name, track_opens, track_clicks, unsubscribable)
    values (${appId}, 'live', 'offers', true, false, true)`;
  await book.refresh();
  const offers = { trackOpens: true, trackClicks: false, unsubscribable: true };
  expect(book.settingsFor(appId, 'live', 'offers')).toMatchObject(offers);
  expect(book.settingsFor(appId, 'live', 'security')).toMatchObject({
    trackOpens: false,
    unsubscribable: false,
  });
  expect(book.some(({ unsubscribable }) => unsubscribable)).toBe(true);
  expect(book.some(({ trackClicks }) => trackClicks)).toBe(false);
});

test('while the table cannot be read, the last read stays in use', async () => {
  await db.sql`alter table categories rename to categories_away`;
  await expect(book.refresh()).rejects.toThrow('categories');
  expect(book.settingsFor(appId, 'live', 'security').deliveryPolicy).toBe('at_least_once');
  await book.known();
  await db.sql`alter table categories_away rename to categories`;
});

test('a table that was never read rejects instead of inventing policies', async () => {
  await db.sql`alter table categories rename to categories_away`;
  const fresh = categoryBook(db.sql, { onError: () => {} });
  await expect(fresh.known()).rejects.toThrow('categories');
  await db.sql`alter table categories_away rename to categories`;
  await fresh.known();
  expect(fresh.settingsFor(appId, 'live', 'security').deliveryPolicy).toBe('at_least_once');
  await fresh.stop();
});
