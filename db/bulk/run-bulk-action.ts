import type { Sql, TransactionSql } from 'postgres';
import { findNotifications } from '../notifications/find-notifications.ts';
import type { NotificationFilter, Position } from '../notifications/notification-sources.ts';
import type { MovedRow } from '../notifications/reschedule.ts';
import { type BulkRow, bulkColumns } from './read-bulk-actions.ts';
import { ended } from './write-bulk-actions.ts';

export interface RunningBulkAction extends BulkRow {
  /** The last notification that was moved or skipped. */
  position: Position | null;
  /** When it was requested, with microseconds: later notifications are not its. */
  until: string;
}

/** The actions that are not over, oldest first. */
export async function listRunningBulkActions(sql: Sql, limit: number): Promise<RunningBulkAction[]> {
  return sql<RunningBulkAction[]>`
    select ${bulkColumns(sql)}, created_at::text as until,
      case when position_id is not null
        then json_build_object('createdAt', position_at::text, 'id', position_id) end as position
    from bulk_actions
    where state = 'running'
    order by created_at
    limit ${limit}`;
}

const LAST_ID = 'ffffffff-ffff-ffff-ffff-ffffffffffff';

/**
 * The next notifications of an action, in its order. A page looks through a bounded part of the table, so it may be empty
 * although there are more.
 *
 * @param from where it begins: the position of the action, or the `next` of an empty page.
 */
export async function nextOfBulkAction(
  sql: Sql,
  { appId, environment, until }: RunningBulkAction,
  filter: NotificationFilter,
  from: Position | null,
  limit: number,
): Promise<{ items: Position[]; next: Position | null }> {
  const before = from ?? { createdAt: until, id: LAST_ID };
  const { rows, next } = await findNotifications<{ id: string; position: string }>(
    sql,
    { appId, environment },
    { ...filter, before },
    limit,
    (page) => sql`
      select n.id, n.created_at::text as position
      from ${page} page join notifications n on n.id = page.id
      order by page.created_at desc, page.id desc`,
  );
  return { items: rows.map(({ id, position }) => ({ id, createdAt: position })), next };
}

/** What came of one notification: it was moved, or a reason why not. */
export type BulkResult = { moved: MovedRow } | { skipped: string };

/**
 * Moves one notification, counts it and moves the position, in one transaction.
 *
 * @param at the position that the action must have, so that two processes never count one notification twice.
 * @param item the notification; it becomes the position.
 * @returns null if the action is elsewhere or stopped: nothing was done.
 */
export async function runBulkItem(
  sql: Sql,
  { id }: BulkRow,
  at: Position | null,
  item: Position,
  move: (tx: TransactionSql) => Promise<BulkResult>,
): Promise<BulkResult | null> {
  return sql.begin(async (tx) => {
    const [own] = await tx`
      select from bulk_actions
      where id = ${id} and state = 'running'
        and position_id is not distinct from ${at?.id ?? null}::uuid
        and position_at is not distinct from ${at?.createdAt ?? null}::timestamptz
      for update`;
    if (!own) return null;
    const result = await move(tx);
    const reason = 'skipped' in result ? result.skipped : null;
    await tx`
      update bulk_actions
      set position_at = ${item.createdAt}::timestamptz, position_id = ${item.id}::uuid,
        done = done + ${reason === null ? 1 : 0},
        skipped = case when ${reason}::text is null then skipped
          else jsonb_set(skipped, array[${reason}::text], to_jsonb(coalesce((skipped ->> ${reason}::text)::int, 0) + 1)) end
      where id = ${id}`;
    return result;
  });
}

/** Ends an action that has come to the end of its list. */
export async function finishBulkAction(sql: Sql, { id }: BulkRow, at: Position | null): Promise<void> {
  await sql`
    update bulk_actions set ${ended(sql, 'done')}
    where id = ${id} and state = 'running' and position_id is not distinct from ${at?.id ?? null}::uuid`;
}

/** Removes actions that ended before this time, up to a limit. @returns how many. */
export async function pruneBulkActions(sql: Sql, before: Date, limit: number): Promise<number> {
  const gone = await sql`
    delete from bulk_actions where id in (select id from bulk_actions where finished_at < ${before} limit ${limit})`;
  return gone.count;
}
