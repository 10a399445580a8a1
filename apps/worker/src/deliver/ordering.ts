import type { Delivery } from '@carillon/core/notification/attempt-end';
import type { Priority } from '@carillon/core/notification/priority';
import { advanceOrder, type Line } from '@carillon/db/order/advance-order';
import type { Sql } from 'postgres';
import type { LaneContext } from './context.ts';

/**
 * Advances the queue of an ordering key once a notification of it has ended (sent, dead, held, refused because it was
 * cancelled ...): the next may be due. A notification that comes back automatically keeps its place at the front.
 *
 * A claim refused for its turn counts too: the one ahead may have ended while this one was being parked, and the worker
 * that ended it found none parked yet. Never rejects: maintenance/order repairs what a lost call leaves behind.
 *
 * @param line null for a notification without an ordering key.
 */
export async function moveLineOn(ctx: LaneContext, line: Line | null, delivery: Delivery): Promise<void> {
  if (line === null || delivery.now === 'waiting') return;
  await ctx.advanceLine(line).catch(ctx.onError);
}

/** The ordering queue of a notification; null without an ordering key. */
export function lineOf(row: {
  app_id: string;
  environment: Line['environment'];
  ordering_key: string | null;
}): Line | null {
  const { app_id: appId, environment, ordering_key: orderingKey } = row;
  return orderingKey === null ? null : { appId, environment, orderingKey };
}

/** Ordering queues that are advanced together share one statement. */
export async function advanceTogether(
  sql: Sql,
  asked: readonly Line[],
  wake: (priority: Priority) => void,
): Promise<undefined[]> {
  const lines = new Map(
    asked.map((line) => [JSON.stringify([line.appId, line.environment, line.orderingKey]), line]),
  );
  const { priorities } = await advanceOrder(sql, [...lines.values()]);
  for (const priority of priorities) wake(priority);
  return asked.map(() => undefined);
}
