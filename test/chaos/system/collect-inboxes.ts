import type { Sql } from 'postgres';
import { until } from '../../support/until.ts';
import type { InboxEvidence, InboxRow } from '../judge/inboxes.ts';
import type { InboxClient } from '../load/inbox-client.ts';

/**
 * Lets the clients rest, waits until nothing changes and each has got the last change, and collects what
 * they got and what the rows say. One that never gets it is judged as it is.
 */
export async function collectInboxes(
  sql: Sql,
  clients: readonly InboxClient[],
  timeoutMs: number,
): Promise<InboxEvidence> {
  await Promise.all(clients.map((client) => client.rest()));
  await until('all snoozes to end', async () => (await snoozed(sql)) === 0, {
    timeoutMs,
    everyMs: 100,
  }).catch(() => {});
  const heads = await headsOf(sql);
  const isUpToDate = (client: InboxClient): boolean => {
    const { number, isSettled } = client.position();
    return isSettled && number >= (heads.get(client.evidence().person) ?? 0);
  };
  await until('every client to be up to date', () => clients.every(isUpToDate), {
    timeoutMs,
    everyMs: 50,
  }).catch(() => {});
  const rows = await sql<InboxRow[]>`
    select notification_id as id, recipient_id as person, sequence::float8 as sequence, seen_at is not null as "isSeen",
      read_at is not null as "isRead", archived_at is not null as "isArchived", snoozed_until is not null as "isSnoozed"
    from inbox_messages`;
  const receipts = await sql<InboxEvidence['receipts'][number][]>`
    select notification_id as id, kind, count(*)::int as count from provider_logs
    where kind in ('seen', 'read') and notification_id is not null group by notification_id, kind`;
  const evidence = { clients: clients.map((client) => client.evidence()), rows, receipts };
  await Promise.all(clients.map((client) => client.stop()));
  return evidence;
}

async function snoozed(sql: Sql): Promise<number> {
  const [row] = await sql<[{ count: number }]>`
    select count(*)::int as count from inbox_messages where snoozed_until is not null`;
  return row.count;
}

async function headsOf(sql: Sql): Promise<Map<string, number>> {
  const rows = await sql<{ person: string; last: number }[]>`
    select recipient_id as person, last::float8 as last from inbox_heads`;
  return new Map(rows.map(({ person, last }) => [person, last]));
}
