import { searchTerm } from '@carillon/core/notification/search-term';
import { addressForms } from '@carillon/core/recipient/address-forms';
import { openDatabase } from '@carillon/db/connection/client';
import { migrate } from '@carillon/db/migrate';
import { listNotifications } from '@carillon/db/notifications/list-notifications';
import { listScheduled } from '@carillon/db/notifications/list-scheduled';
import type { NotificationFilter } from '@carillon/db/notifications/notification-sources';
import { findAnything } from '@carillon/db/search/find-anything';
import type { Sql } from 'postgres';
import { median, percentile } from '../measure/percentiles.ts';
import type { Run } from './run.ts';

const APP = '00000000-0000-4000-8000-000000000001';
const LIVE = { appId: APP, environment: 'live' } as const;
const TURNS = 9;

/** The filter of each table row; nearly all match nothing, which used to read the whole table. */
const CASES: Readonly<Record<string, NotificationFilter>> = {
  newest: {},
  recipient: { recipientId: 'user_78' },
  'recipient without match': { recipientId: 'user_78', state: 'dead', categories: ['none'] },
  address: { address: addressForms('Person4242@Example.com') },
  'address without match': { address: addressForms('nobody@example.com') },
  'rare state without match': { state: 'in_doubt' },
  'rare state, all of them old': { state: 'dead' },
  'several rare states': { state: ['dead', 'failed', 'in_doubt'] },
  'rare and other states without match': { state: ['suppressed', 'in_doubt'] },
  'error code, all of them old': { errorCode: 'timeout' },
  'error code without match': { errorCode: 'none' },
  'rare state and error code without match': { state: 'dead', errorCode: 'none' },
  'message id of a provider': { providerMessageId: 'message-4242' },
  'idempotency key without match': { idempotencyKey: '4242' },
  'template without match': { template: 'welcome' },
  'provider without match': { provider: 'none' },
  'times of sending': { dueAfter: new Date(Date.UTC(2026, 2, 1)), dueBefore: new Date(Date.UTC(2026, 2, 2)) },
  'state without match': { state: 'suppressed' },
  'channel without match': { channel: 'in_app' },
  'priority without match': { priority: 'critical' },
  'category without match': { categories: ['none'] },
  'range without match': {
    createdAfter: new Date(Date.UTC(2026, 0, 2)),
    createdBefore: new Date(Date.UTC(2026, 0, 25)),
    categories: ['none'],
  },
  'all without match': { state: 'sent', channel: 'email', priority: 'critical', categories: ['none'] },
};

/** Lists in another order, of the other environment, and the search box. */
const OTHER_LISTS: Readonly<Record<string, (sql: Sql) => Promise<unknown>>> = {
  calendar: (sql) =>
    listScheduled(sql, LIVE, { state: 'scheduled', dueAfter: new Date(Date.UTC(2026, 2, 1)) }, 50),
  'calendar without match': (sql) =>
    listScheduled(sql, LIVE, { state: 'scheduled', categories: ['none'] }, 50),
  'test messages among live ones': (sql) => listNotifications(sql, { ...LIVE, environment: 'test' }, {}, 50),
  'search by address': (sql) => findAnything(sql, LIVE, searchTerm('Person4242@Example.com')),
  'search by a key': (sql) => findAnything(sql, LIVE, searchTerm('4242')),
  'search without match': (sql) => findAnything(sql, LIVE, searchTerm('order-4242')),
};

/**
 * How long a page of `GET /v1/notifications` takes over a large table, by the statements of the API, in a database of
 * its own; and how long a client needs that walks all of it for a filter that nothing meets.
 */
export async function lists({ ground, figures, say }: Run, count: number): Promise<void> {
  const url = await ground.database('lists');
  await migrate(url);
  const db = openDatabase({
    url,
    name: 'bench',
    connections: 1,
    statementTimeoutMs: 1_800_000,
    silenceMs: 1_900_000,
  });
  try {
    const startedAt = performance.now();
    await fill(db.sql, count);
    const seconds = Math.round((performance.now() - startedAt) / 1000);
    say(`carillon: ${count} notifications were written for the lists in ${seconds} s`);
    for (const [name, filter] of Object.entries(CASES)) {
      const times: number[] = [];
      for (let turn = 0; turn < TURNS; turn++) {
        const at = performance.now();
        await listNotifications(db.sql, LIVE, filter, 50);
        times.push(performance.now() - at);
      }
      figures.add(`lists ${name}`, 'carillon', median(times));
      say(
        `carillon: list, ${name}: ${median(times).toFixed(1)} ms, at worst ${percentile(times, 1).toFixed(1)} ms`,
      );
    }
    for (const [name, list] of Object.entries(OTHER_LISTS)) {
      const times: number[] = [];
      for (let turn = 0; turn < TURNS; turn++) {
        const at = performance.now();
        await list(db.sql);
        times.push(performance.now() - at);
      }
      figures.add(`lists ${name}`, 'carillon', median(times));
      say(
        `carillon: ${name}: ${median(times).toFixed(1)} ms, at worst ${percentile(times, 1).toFixed(1)} ms`,
      );
    }
    const walkedAt = performance.now();
    let pages = 0;
    let before: NotificationFilter['before'];
    do {
      const page = await listNotifications(db.sql, LIVE, { categories: ['none'], before }, 50);
      before = page.next ?? undefined;
      pages++;
    } while (before !== undefined);
    figures.add('lists walk', 'carillon', performance.now() - walkedAt);
    say(`carillon: ${pages} pages to the end of the list`);
  } finally {
    await db.close();
  }
}

/**
 * A month of notifications, nearly all of them sent; every other one to a bare address. The oldest twentieth is dead after
 * an outage, one in 500 of the rest is scheduled for the next months, one in 100,000 is of the test environment.
 * Written without indexes and without a log, which are added afterwards: else writing would take most of an hour.
 */
async function fill(sql: Sql, count: number): Promise<void> {
  const indexes = await sql<{ name: string; definition: string }[]>`
    select i.indexrelid::regclass::text as name, pg_get_indexdef(i.indexrelid) as definition
    from pg_index i where i.indrelid = 'notifications'::regclass and not i.indisprimary`;
  for (const { name } of indexes) await sql.unsafe(`drop index ${name}`);
  await sql.unsafe('alter table notifications set unlogged');
  await sql`insert into apps (id, name) values (${APP}, 'Lists')`;
  await sql`
    insert into templates (app_id, environment, key, published_version) values (${APP}, 'live', 'welcome', 1)`;
  await sql`
    insert into notifications (id, app_id, state, environment, priority, channel, route, recipient_id, address, category,
      content, idempotency_key, request_hash, created_at, updated_at, attempt_count, tries, provider, error_code,
      next_attempt_at)
    select ('00000000-0000-8000-8000-' || lpad(to_hex(i), 12, '0'))::uuid, ${APP}, state,
      case i % 100000 when 9 then 'test' else 'live' end,
      case i % 3 when 0 then 'bulk' else 'normal' end, 'email', '{email}',
      case i % 2 when 0 then 'user_' || i % 500000 end,
      case i % 2 when 1 then jsonb_build_object('email', 'Person' || i || '@example.com')
        else case i % 1000 when 242 then jsonb_build_object('email', 'person4242@example.com') end end,
      'orders', '{"subject": "Hello", "text": "Hello, Ada"}', i::text, decode(md5(i::text), 'hex'), at, at, 1, 1, 'resend',
      case state when 'dead' then 'timeout' end,
      case state when 'scheduled' then at + i % 90 * interval '1 day' end
    from generate_series(1, ${count}::int) i
    cross join lateral (select timestamptz '2026-01-01' + i * (interval '30 days' / ${count}::int) as at) moment
    cross join lateral (
      select case when i <= ${count}::int / 20 then 'dead' when i % 500 = 3 then 'scheduled' else 'sent' end as state
    ) ending`;
  await sql`
    insert into delivery_attempts (notification_id, n, phase, channel, provider, finished_at, outcome, provider_message_id)
    select id, 1, 'answered', 'email', 'resend', created_at, 'accepted', 'message-' || idempotency_key
    from notifications where idempotency_key = any ('{4242,4243}')`;
  for (const { definition } of indexes) await sql.unsafe(definition);
  await sql.unsafe('vacuum analyze notifications');
}
