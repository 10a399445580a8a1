import { addressForms } from '@carillon/core/recipient/address-forms';
import { openDatabase } from '@carillon/db/connection/client';
import { migrate } from '@carillon/db/migrate';
import { listNotifications } from '@carillon/db/notifications/list-notifications';
import type { NotificationFilter } from '@carillon/db/notifications/notification-sources';
import type { Sql } from 'postgres';
import { median, percentile } from '../measure/percentiles.ts';
import type { Run } from './run.ts';

const APP = '00000000-0000-4000-8000-000000000001';
const TURNS = 9;

/** The filter of each table row; nearly all match nothing, which used to read the whole table. */
const CASES: Readonly<Record<string, NotificationFilter>> = {
  newest: {},
  recipient: { recipientId: 'user_78' },
  'recipient without match': { recipientId: 'user_78', state: 'dead', categories: ['none'] },
  address: { address: addressForms('Person4242@Example.com') },
  'address without match': { address: addressForms('nobody@example.com') },
  'rare state without match': { state: 'dead' },
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
    const tenant = { appId: APP, environment: 'live' } as const;
    for (const [name, filter] of Object.entries(CASES)) {
      const times: number[] = [];
      for (let turn = 0; turn < TURNS; turn++) {
        const at = performance.now();
        await listNotifications(db.sql, tenant, filter, 50);
        times.push(performance.now() - at);
      }
      figures.add(`lists ${name}`, 'carillon', median(times));
      say(
        `carillon: list, ${name}: ${median(times).toFixed(1)} ms, at worst ${percentile(times, 1).toFixed(1)} ms`,
      );
    }
    const walkedAt = performance.now();
    let pages = 0;
    let before: NotificationFilter['before'];
    do {
      const page = await listNotifications(db.sql, tenant, { categories: ['none'], before }, 50);
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
 * A month of notifications, nearly all of them sent; every other one to a bare address. Written without indexes and
 * without a log, which are added afterwards: else writing would take most of an hour.
 */
async function fill(sql: Sql, count: number): Promise<void> {
  const indexes = await sql<{ name: string; definition: string }[]>`
    select i.indexrelid::regclass::text as name, pg_get_indexdef(i.indexrelid) as definition
    from pg_index i where i.indrelid = 'notifications'::regclass and not i.indisprimary`;
  for (const { name } of indexes) await sql.unsafe(`drop index ${name}`);
  await sql.unsafe('alter table notifications set unlogged');
  await sql`insert into apps (id, name) values (${APP}, 'Lists')`;
  await sql`
    insert into notifications (id, app_id, state, environment, priority, channel, route, recipient_id, address, category,
      content, idempotency_key, request_hash, created_at, updated_at, attempt_count, tries, provider)
    select ('00000000-0000-8000-8000-' || lpad(to_hex(i), 12, '0'))::uuid, ${APP}, 'sent', 'live',
      case i % 3 when 0 then 'bulk' else 'normal' end, 'email', '{email}',
      case i % 2 when 0 then 'user_' || i % 500000 end,
      case i % 2 when 1 then jsonb_build_object('email', 'Person' || i || '@example.com')
        else case i % 1000 when 242 then jsonb_build_object('email', 'person4242@example.com') end end,
      'orders', '{"subject": "Hello", "text": "Hello, Ada"}', i::text, decode(md5(i::text), 'hex'), at, at, 1, 1, 'resend'
    from generate_series(1, ${count}::int) i
    cross join lateral (select timestamptz '2026-01-01' + i * (interval '30 days' / ${count}::int) as at) moment`;
  for (const { definition } of indexes) await sql.unsafe(definition);
  await sql.unsafe('vacuum analyze notifications');
}
