import { HORIZON_MS } from '@carillon/core/notification/horizon';
import { type Lane, lanesOf, partsOf } from '@carillon/core/notification/lane';
import type { Priority } from '@carillon/core/notification/priority';
import { holdsBack, type Restore } from '@carillon/core/notification/restore';
import type { Database } from '@carillon/db/connection/client';
import { isLocked } from '@carillon/db/connection/group-statements';
import { hasDue, type OutboxRow, takeOutbox } from '@carillon/db/outbox/take-outbox';
import { WAKE_CHANNEL } from '@carillon/db/outbox/wake';
import type { Producer, Publication } from '@carillon/queue/producer';
import { CHUNK_SIZE, settingsOf } from '@carillon/queue/topology';
import type { Sql } from 'postgres';
import { type Depth, type LaneRoom, laneRoom } from './lane-room.ts';
import { inPublishSpan } from './relay-span.ts';
import type { Service } from './service.ts';

/**
 * Outbox -> lanes. Input: rows written in the same commit as their notifications. Output: jobs. Several relays may
 * drain one table (SKIP LOCKED); rows leave the outbox only after their jobs are in Redis. It never looks at a
 * notification's content and never decides whether something is sent.
 *
 * One loop per priority: in a single loop a critical row would wait behind a campaign's (measured: p99 1,800 ms).
 */
export interface RelayOptions {
  sql: Sql;
  listen: Database['listen'];
  producer: Producer;
  priority: Priority;
  /** Rows of one lane taken at a time. */
  batchRows?: number;
  /** The last restore of the database, as the process knows it. */
  restore?(): Restore | null;
  onPublished?(lane: Lane, count: number): void;
  onError(error: unknown): void;
}

/**
 * Polling is the backstop of the wake-up signal: quick after work, slower when nothing comes. A row with a later time is
 * taken HORIZON_MS ahead, so it is not late by this.
 */
const POLL_MS = { min: 100, max: { critical: 250, normal: 1000, bulk: 1000 } } as const;

/** After a failure (Redis or PostgreSQL away) wait this long before the next look. */
const RETRY_MS = 1000;

/** With at least this many notifications taken, or jobs waiting, a lane has a backlog and travels in chunks. */
const BACKLOG = 40;

/**
 * A delayed set of this many times `maxDelayed` shuts its lane. While one account of a channel is dead and another still
 * serves some messages, due jobs are taken, delayed one by one until the probe, and taken again: without a bound Redis
 * would hold the backlog. The price is that messages for the working account wait too, so critical lanes are never
 * shut.
 */
const SHUT_AT = 2;

export function startRelay({
  sql,
  listen,
  producer,
  priority,
  batchRows = 20,
  restore = () => null,
  onPublished,
  onError,
}: RelayOptions): Service {
  const lanes = lanesOf([priority]);
  const room = laneRoom(producer, (cause, lane) =>
    onError(new Error(`the lane ${lane} waits until Redis answers for it`, { cause })),
  );
  let stopped = false;
  let signalled = false;
  /** There is work, or may be: taken without a look first. */
  let eager = false;
  let wake: () => void = () => {};
  let idleMs: number = POLL_MS.min;

  const onSignal = (): void => {
    signalled = true;
    wake();
  };
  const listening = listen(WAKE_CHANNEL, (payload) => {
    if (payload === priority) onSignal();
  }).catch((error: unknown) => void onError(error));

  const rest = (ms: number): Promise<void> =>
    new Promise((resolve) => {
      if (signalled || stopped) return resolve();
      const timer = setTimeout(resolve, ms);
      wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });

  const turn = async (): Promise<number> => {
    const restored = restore();
    if (holdsBack(restored, priority)) return 0;
    if (!eager && !(await hasDue(sql, lanes, HORIZON_MS))) return 0;
    // Redis may hold finished jobs of ids that the restored database sees for the first time.
    const replace = restored !== null && !restored.released;
    return relayOnce({
      sql,
      producer,
      lanes,
      batchRows,
      room,
      byApp: priority === 'bulk',
      replace,
      ...(onPublished ? { onPublished } : {}),
    });
  };

  const loop = async (): Promise<void> => {
    while (!stopped) {
      eager ||= signalled;
      signalled = false;
      try {
        const moved = await turn();
        eager = moved >= batchRows;
        if (eager) continue;
        // Work that arrived meanwhile has sent its own wake-up signal.
        idleMs = moved > 0 ? POLL_MS.min : Math.min(idleMs * 2, POLL_MS.max[priority]);
        await rest(idleMs);
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
  /** Without it each turn queries Redis again. */
  room?: LaneRoom;
  /** The apps with work take turns. */
  byApp?: boolean;
  /** Jobs of ids that never had one may be in Redis all the same: room is made for all. */
  replace?: boolean;
  onPublished?(lane: Lane, count: number): void;
}

/** One turn: take what the lanes have room for, publish, commit. Returns how many notifications moved. */
export async function relayOnce({
  sql,
  producer,
  lanes,
  batchRows,
  room = laneRoom(producer),
  byApp = false,
  replace = false,
  onPublished,
}: RelayTurn): Promise<number> {
  const open = (await room.depths(lanes)).filter(({ lane, depth }) => {
    const { maxDepth, maxDelayed } = settingsOf(lane);
    const isShut = partsOf(lane).priority !== 'critical' && depth.delayed >= SHUT_AT * maxDelayed;
    return depth.waiting < maxDepth && !isShut;
  });
  // Far-off jobs may fill a lane's delayed set; then only what is due now is taken.
  const roomy = open.filter(({ lane, depth }) => depth.delayed < settingsOf(lane).maxDelayed);
  const dueOnly = open.filter((each) => !roomy.includes(each));
  let moved = 0;
  for (const [group, lookaheadMs] of [
    [roomy, HORIZON_MS],
    [dueOnly, 0],
  ] as const) {
    if (group.length === 0) continue;
    const attempt = (passLocked: boolean): Promise<number> =>
      sql.begin(async (tx) => {
        const rows = await takeOutbox(
          tx,
          group.map(({ lane }) => lane),
          lookaheadMs,
          batchRows,
          { passLocked, byApp },
        );
        if (rows.length === 0) return 0;
        await Promise.all(
          group.map(async ({ lane, depth }) => {
            const ours = rows.filter((row) => row.lane === lane);
            if (ours.length === 0) return;
            const jobs = await inPublishSpan(lane, ours, (traceparent) =>
              publish(producer, lane, ours, depth, replace, traceparent),
            );
            room.filled(lane, jobs);
            onPublished?.(lane, idsIn(ours));
          }),
        );
        return idsIn(rows);
      });
    // One locked row does not make the others wait.
    moved += await attempt(false).catch((error: unknown) => {
      if (!isLocked(error)) throw error;
      return attempt(true);
    });
  }
  return moved;
}

/** @returns the number of jobs. */
async function publish(
  producer: Producer,
  lane: Lane,
  rows: readonly OutboxRow[],
  { waiting }: Depth,
  replace: boolean,
  traceparent: string | undefined,
): Promise<number> {
  const mayChunk = settingsOf(lane).chunks;
  const fresh: string[] = [];
  const publications: Publication[] = [];
  for (const { kind, ids, available_at, now } of rows) {
    const delayMs = available_at ? available_at.getTime() - now.getTime() : 0;
    const chunk = mayChunk && ids.length > 1;
    if (kind === 'delivery.resumed' || replace)
      publications.push({ ids, delayMs, chunk, traceparent, replace: true });
    else if (delayMs > 0) publications.push({ ids, delayMs, chunk, traceparent });
    else fresh.push(...ids);
  }
  await Promise.all(publications.map((publication) => producer.publish(lane, publication)));
  if (fresh.length > 0) {
    const backlog = fresh.length >= BACKLOG || waiting >= BACKLOG;
    const publication = { ids: fresh, traceparent, chunk: mayChunk && backlog && fresh.length > 1 };
    publications.push(publication);
    await producer.publish(lane, publication);
  }
  return publications.reduce(
    (sum, { ids, chunk }) => sum + (chunk ? Math.ceil(ids.length / CHUNK_SIZE) : ids.length),
    0,
  );
}

const idsIn = (rows: readonly OutboxRow[]): number => rows.reduce((sum, row) => sum + row.ids.length, 0);
