import { HORIZON_MS } from '@carillon/core/horizon';
import { type Lane, lanesOf, partsOf } from '@carillon/core/lane';
import type { Priority } from '@carillon/core/priority';
import { WAKE_CHANNEL } from '@carillon/db/outbox/wake';
import { type OutboxRow, takeOutbox } from '@carillon/db/queries/take-outbox';
import type { Producer } from '@carillon/queue/producer';
import { settingsOf } from '@carillon/queue/topology';
import type { Sql } from 'postgres';
import type { Service } from './service.ts';

/**
 * Outbox -> lanes. Comes in: rows written in the same commit as their notifications. Goes out: jobs. Several relays
 * may drain one table (SKIP LOCKED); rows leave the outbox only after their jobs are in Redis. It never looks at a
 * notification's content and never decides whether something is sent.
 *
 * One loop per priority: in a single loop a critical row would wait behind a campaign's (measured: p99 1,800 ms).
 */
export interface RelayOptions {
  sql: Sql;
  producer: Producer;
  priority: Priority;
  /** Rows of one lane taken at a time. */
  batchRows?: number;
  onPublished?(lane: Lane, count: number): void;
  onError(error: unknown): void;
}

/** Polling is the backstop of the doorbell: quick after work, slower when nothing comes. */
const POLL_MS = { min: 100, max: 250 } as const;

/** After a failure (Redis or PostgreSQL away) wait this long before the next look. */
const RETRY_MS = 1000;

/** With at least this many notifications at hand, or jobs waiting, a lane has a backlog and travels in chunks. */
const BACKLOG = 40;

/**
 * A delayed set of so many times `maxDepth` shuts its lane. While one account of a channel is dead and another still serves
 * some messages, what is due is taken, set aside one by one until the probe, and taken again: without a bound Redis would
 * come to hold the backlog. The price is that messages for the living account wait too, so critical lanes are never shut.
 */
const SHUT_AT = 2;

export function startRelay({
  sql,
  producer,
  priority,
  batchRows = 20,
  onPublished,
  onError,
}: RelayOptions): Service {
  const lanes = lanesOf([priority]);
  let stopped = false;
  let rung = false;
  let wake: () => void = () => {};
  let idleMs: number = POLL_MS.min;

  const ring = (): void => {
    rung = true;
    wake();
  };
  const listening = sql
    .listen(WAKE_CHANNEL, (payload) => payload === priority && ring())
    .catch((error: unknown) => void onError(error));

  const rest = (ms: number): Promise<void> =>
    new Promise((resolve) => {
      if (rung || stopped) return resolve();
      const timer = setTimeout(resolve, ms);
      wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });

  const loop = async (): Promise<void> => {
    while (!stopped) {
      rung = false;
      try {
        const moved = await relayOnce({
          sql,
          producer,
          lanes,
          batchRows,
          ...(onPublished ? { onPublished } : {}),
        });
        if (moved > 0) {
          idleMs = POLL_MS.min;
          continue;
        }
        await rest(idleMs);
        idleMs = Math.min(idleMs * 2, POLL_MS.max);
      } catch (error) {
        onError(error);
        await rest(RETRY_MS);
      }
    }
  };

  const running = loop();
  return {
    name: `relay-${priority}`,
    stop: async () => {
      stopped = true;
      wake();
      await running;
      const subscription = await listening;
      await subscription?.unlisten().catch(() => {});
    },
  };
}

export interface RelayTurn {
  sql: Sql;
  producer: Producer;
  lanes: readonly Lane[];
  batchRows: number;
  onPublished?(lane: Lane, count: number): void;
}

/** One turn: take what the lanes have room for, publish, commit. Returns how many notifications moved. */
export async function relayOnce({
  sql,
  producer,
  lanes,
  batchRows,
  onPublished,
}: RelayTurn): Promise<number> {
  const room = await Promise.all(lanes.map(async (lane) => ({ lane, depth: await producer.depth(lane) })));
  const open = room.filter(({ lane, depth }) => {
    const { maxDepth } = settingsOf(lane);
    const isShut = partsOf(lane).priority !== 'critical' && depth.delayed >= SHUT_AT * maxDepth;
    return depth.waiting < maxDepth && !isShut;
  });
  // Far-off jobs may fill a lane's delayed set; then only what is due now is taken.
  const roomy = open.filter(({ lane, depth }) => depth.delayed < settingsOf(lane).maxDepth);
  const dueOnly = open.filter((each) => !roomy.includes(each));
  let moved = 0;
  for (const [group, lookaheadMs] of [
    [roomy, HORIZON_MS],
    [dueOnly, 0],
  ] as const) {
    if (group.length === 0) continue;
    moved += await sql.begin(async (tx) => {
      const rows = await takeOutbox(
        tx,
        group.map(({ lane }) => lane),
        lookaheadMs,
        batchRows,
      );
      if (rows.length === 0) return 0;
      await Promise.all(
        group.map(async ({ lane, depth }) => {
          const count = await publish(
            producer,
            lane,
            rows.filter((row) => row.lane === lane),
            depth.waiting,
          );
          if (count > 0) onPublished?.(lane, count);
        }),
      );
      return rows.reduce((sum, row) => sum + row.ids.length, 0);
    });
  }
  return moved;
}

async function publish(
  producer: Producer,
  lane: Lane,
  rows: readonly OutboxRow[],
  waiting: number,
): Promise<number> {
  const mayChunk = settingsOf(lane).chunks;
  const now = Date.now();
  const fresh: string[] = [];
  const others: Promise<void>[] = [];
  for (const { kind, ids, available_at } of rows) {
    const delayMs = available_at ? available_at.getTime() - now : 0;
    const chunk = mayChunk && ids.length > 1;
    if (kind === 'delivery.resumed')
      others.push(producer.publish(lane, { ids, delayMs, chunk, replace: true }));
    else if (delayMs > 0) others.push(producer.publish(lane, { ids, delayMs, chunk }));
    else fresh.push(...ids);
  }
  await Promise.all(others);
  const backlog = fresh.length >= BACKLOG || waiting >= BACKLOG;
  if (fresh.length > 0)
    await producer.publish(lane, { ids: fresh, chunk: mayChunk && backlog && fresh.length > 1 });
  return rows.reduce((sum, row) => sum + row.ids.length, 0);
}
