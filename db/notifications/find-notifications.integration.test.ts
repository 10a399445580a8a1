import { addressForms } from '@carillon/core/recipient/address-forms';
import type { Sql } from 'postgres';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type TestDatabase, testDatabase } from '../../test/support/database.ts';
import { type Database, openDatabase } from '../connection/client.ts';
import type { Tenant } from '../connection/tenant.ts';
import { listNotifications } from './list-notifications.ts';
import type { NotificationFilter } from './notification-sources.ts';

let database: TestDatabase;
let db: Database;
let sql: Sql;
let tenant: Tenant;

beforeAll(async () => {
  database = await testDatabase();
  db = openDatabase({ url: database.url, name: 'test', connections: 1 });
  sql = db.sql;
});
afterAll(async () => {
  await db.close();
  await database.drop();
});
beforeEach(async () => {
  const [app] = await sql<[{ id: string }]>`insert into apps (name) values ('App') returning id`;
  tenant = { appId: app.id, environment: 'live' };
});

/** Old to new; two of them share each instant, as those of one commit do. */
async function insert(
  count: number,
  columns: Record<string, unknown> = {},
  appId = tenant.appId,
): Promise<string[]> {
  const rows = Array.from({ length: count }, (_, index) => ({
    id: crypto.randomUUID(),
    app_id: appId,
    state: 'queued',
    environment: 'live',
    priority: 'normal',
    channel: 'email',
    route: ['email'],
    recipient_id: 'somebody',
    content: sql.json({ text: 'Hello' }),
    idempotency_key: crypto.randomUUID(),
    request_hash: Buffer.alloc(32),
    created_at: new Date(Date.UTC(2026, 0, 1) + Math.floor(index / 2) * 1000),
    ...columns,
  }));
  for (const row of rows) await sql`insert into notifications ${sql(row as never)}`;
  return rows.toSorted((a, b) => +a.created_at - +b.created_at || (a.id < b.id ? -1 : 1)).map(({ id }) => id);
}

/** Every page to the end. */
async function walk(filter: NotificationFilter, limit: number, scanLimit?: number): Promise<string[][]> {
  const pages: string[][] = [];
  let before = filter.before;
  for (;;) {
    const { rows, next } = await listNotifications(sql, tenant, { ...filter, before }, limit, scanLimit);
    pages.push(rows.map(({ id }) => id));
    if (next === null) return pages;
    before = next;
  }
}

describe('a page scans a bounded number of notifications', () => {
  test('rare matches are found by following pages, each once and in order, whatever the bound', async () => {
    const all = await insert(120);
    const wanted = all.filter((_, index) => index % 40 === 7);
    await sql`update notifications set channel = 'sms', route = '{sms}' where id = any (${wanted})`;
    for (const scanLimit of [1, 2, 7, 30, 119, 120, 121]) {
      const pages = await walk({ channel: 'sms' }, 2, scanLimit);
      expect(pages.flat(), `scan ${scanLimit}`).toEqual(wanted.toReversed());
    }
  });

  test('a filter without matches ends its page at the bound, with a position to continue from', async () => {
    await insert(50);
    const page = await listNotifications(
      sql,
      tenant,
      { category: 'none', categories: ['none'] } as never,
      2,
      20,
    );
    expect(page.rows).toEqual([]);
    expect(page.next).not.toBeNull();
    const pages = await walk({ categories: ['none'] }, 2, 20);
    expect(pages.flat()).toEqual([]);
    // 12 at first and 20 more a page, of 50.
    expect(pages).toHaveLength(2);
  });

  test('the bound counts in each list separately: a full page holds as many as are wanted', async () => {
    const all = await insert(30);
    expect(await walk({}, 10)).toEqual([
      all.slice(20).toReversed(),
      all.slice(10, 20).toReversed(),
      all.slice(0, 10).toReversed(),
    ]);
  });

  test('times bound the walk at both ends', async () => {
    const all = await insert(40);
    const filter = { createdAfter: at(5), createdBefore: at(15) };
    for (const scanLimit of [1, 7, 100])
      expect((await walk(filter, 3, scanLimit)).flat()).toEqual(all.slice(10, 30).toReversed());
  });

  test('the walk reads no more of the table than the bound allows', async () => {
    await insert(600);
    await sql`analyze notifications`;
    const before = await heapReads();
    await listNotifications(sql, tenant, { categories: ['none'] }, 2, 50);
    // Once for the place where it ends, once for the rows, and twelve at first.
    expect((await heapReads()) - before).toBeLessThanOrEqual(2 * 62);
  });

  const at = (second: number) => new Date(Date.UTC(2026, 0, 1) + second * 1000);

  async function heapReads(): Promise<number> {
    const [row] = await sql<[{ reads: number }]>`
      select (pg_stat_get_xact_tuples_fetched('notifications'::regclass)
        + pg_stat_get_tuples_fetched('notifications'::regclass))::int as reads from pg_stat_force_next_flush()`;
    return row.reads;
  }
});

describe('an address', () => {
  const found = async (text: string, filter: NotificationFilter = {}) =>
    (await walk({ ...filter, address: addressForms(text) }, 3, 5)).flat();

  test('is found where the request named it, in whatever spelling either of them has', async () => {
    const [mail] = await insert(1, {
      recipient_id: null,
      address: sql.json({ email: 'Ada@xn--bcher-kva.example' }),
    });
    const [sms] = await insert(1, { recipient_id: null, address: sql.json({ phone: '+447911123456' }) });
    const [ios] = await insert(1, {
      recipient_id: null,
      address: sql.json({ push: { apns_token: 'ab'.repeat(32) } }),
    });
    await insert(3, {
      recipient_id: null,
      address: sql.json({ email: 'eve@example.com', phone: '+14155552671' }),
    });
    for (const text of [
      'ada@BÜCHER.example',
      'ADA@xn--bcher-kva.example',
      'Ada L. <ada@bücher.example>',
      ' mailto:ada@bücher.example',
    ])
      expect(await found(text), text).toEqual([mail]);
    for (const text of [
      '+44 (0)7911 123456',
      '00447911123456',
      '447911123456',
      'tel:+447911123456',
      ' 447911123456',
    ])
      expect(await found(text), text).toEqual([sms]);
    expect(await found('AB'.repeat(32))).toEqual([ios]);
  });

  test('is found by each of several that one request named', async () => {
    const address = { email: 'two@example.com', phone: '+14155552671', push: { fcm_token: 'device-of-two' } };
    const ids = await insert(2, { recipient_id: null, address: sql.json(address) });
    for (const text of [address.email, address.phone, address.push.fcm_token])
      expect(await found(text), text).toEqual(ids.toReversed());
  });

  test('leads to everything sent to the recipients who have it, merged with what named it', async () => {
    for (const id of ['ada', 'twin']) {
      await sql`insert into recipients (app_id, environment, id) values (${tenant.appId}, 'live', ${id})`;
      await sql`
        insert into contact_points (app_id, environment, recipient_id, kind, address)
        values (${tenant.appId}, 'live', ${id}, 'email', 'Family@Example.com')`;
    }
    const toAda = await insert(9, { recipient_id: 'ada' });
    const both = await insert(2, {
      recipient_id: 'twin',
      address: sql.json({ email: 'family@example.com' }),
      created_at: new Date(Date.UTC(2027, 0)),
    });
    await insert(5, { recipient_id: 'other' });
    expect(await found('FAMILY@example.com')).toEqual([...both.toReversed(), ...toAda.toReversed()]);
    expect(await found('family@example.com', { recipientId: 'twin' })).toEqual(both.toReversed());
    expect(await found('family@example.com', { state: 'dead' })).toEqual([]);
  });

  test('is of one app and environment alone', async () => {
    const address = sql.json({ email: 'shared@example.com' });
    const [other] = await sql<[{ id: string }]>`insert into apps (name) values ('Other') returning id`;
    await insert(3, { address, recipient_id: null }, other.id);
    await insert(3, { address, recipient_id: null, environment: 'test' });
    const mine = await insert(1, { address, recipient_id: null });
    expect(await found('shared@example.com')).toEqual(mine);
  });
});

test('a rare state is answered completely, however many others lie between', async () => {
  const all = await insert(40);
  const dead = [all[3]!, all[30]!];
  await sql`update notifications set state = 'dead' where id = any (${dead})`;
  const page = await listNotifications(sql, tenant, { state: 'dead' }, 5, 2);
  expect(page.rows.map(({ id }) => id)).toEqual(dead.toReversed());
  expect(page.next).toBeNull();
});

test('what is sent without trouble is updated within its page: no index of the table gets a new entry', async () => {
  const [id] = await insert(1, { state: 'pending' });
  await sql.begin(async (tx) => {
    // What earlier transactions of the session have not reported yet is counted too.
    const counts = async () => {
      const [row] = await tx<[{ updated: number; within: number }]>`
        select pg_stat_get_xact_tuples_updated('notifications'::regclass)::int as updated,
          pg_stat_get_xact_tuples_hot_updated('notifications'::regclass)::int as within`;
      return row;
    };
    const before = await counts();
    await tx`update notifications set state = 'queued', queued_at = now() where id = ${id!}`;
    await tx`
      update notifications set state = 'sending', lease_token = gen_random_uuid(), lease_until = now(), attempt_count = 1,
        tries = 1, next_attempt_at = null where id = ${id!}`;
    await tx`
      update notifications set state = 'sent', provider = 'resend', lease_token = null, lease_until = null,
        provider_message_id = 'm', error_code = null, error = null, next_attempt_at = null where id = ${id!}`;
    const after = await counts();
    expect([after.updated - before.updated, after.within - before.within]).toEqual([3, 3]);
  });
});

test('what is rare is found behind many newer ones, in one page', async () => {
  const rare = await insert(3, { state: 'dead', error_code: 'timeout' });
  await insert(60, { created_at: new Date(Date.UTC(2026, 1, 1)) });
  for (const filter of [
    { state: 'dead' },
    { state: ['dead', 'failed'] },
    { errorCode: 'timeout' },
    { state: 'dead', errorCode: 'timeout' },
  ] as NotificationFilter[])
    expect(await walk(filter, 5, 10), JSON.stringify(filter)).toEqual([rare.toReversed()]);
});

test('test messages are found behind many live ones, in one page', async () => {
  const [only] = await insert(1, { environment: 'test' });
  await insert(60, { created_at: new Date(Date.UTC(2026, 1, 1)) });
  const { rows, next } = await listNotifications(sql, { ...tenant, environment: 'test' }, {}, 5, 10);
  expect([rows.map(({ id }) => id), next]).toEqual([[only], null]);
});
