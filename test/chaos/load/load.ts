import { setTimeout as pause } from 'node:timers/promises';
import type { Environment } from '@carillon/core/notification/environment';
import { notificationId } from '@carillon/core/text/ids';
import type { Asked } from '../judge/evidence.ts';
import { askUntilAnswered, type CallApi } from './ask.ts';
import type { Planned, PlannedRequest } from './plan.ts';
import type { Random } from './random.ts';

export interface LoadOptions {
  requests: Iterable<PlannedRequest>;
  call: CallApi;
  /** Keys carry the tenant; ids are computed from it. */
  appId: string;
  notificationsPerSecond: number;
  /** For pauses between repeats; the plan has its own. */
  random: Random;
  /** After this long without any answer a request stays unanswered. */
  giveUpAfterMs: number;
  signal?: AbortSignal;
}

/** The most requests in flight: a client with a bounded pool, which slows down while nothing answers. */
const MAX_ON_THE_WAY = 64;

/**
 * Sends all requests at the rate and no faster, as a careful client does: an unanswered request is repeated under the
 * same key. @returns the requests and their answers, in the order of sending.
 */
export async function runLoad(options: LoadOptions): Promise<Asked[]> {
  const { requests, notificationsPerSecond, signal } = options;
  const all: Asked[] = [];
  const onTheWay = new Set<Promise<void>>();
  const lines = new Map<string, Promise<void>>();
  let dueAt = performance.now();
  for (const request of requests) {
    if (signal?.aborted) break;
    const entries = request.items.map((item) => entryOf(item, request.environment, options));
    all.push(...entries.map(({ asked }) => asked));
    const { orderingKey } = request.items[0]!;
    // Order is the order of acceptance: the next request of an ordering key is sent after the answer to the one before.
    const before = orderingKey === null ? undefined : lines.get(`${request.environment} ${orderingKey}`);
    const work = (before ?? Promise.resolve()).then(() => askUntilAnswered(request, entries, options));
    const settled = work.finally(() => onTheWay.delete(settled));
    onTheWay.add(settled);
    if (orderingKey !== null) lines.set(`${request.environment} ${orderingKey}`, settled);

    dueAt += (entries.length / notificationsPerSecond) * 1000;
    const waitMs = dueAt - performance.now();
    if (waitMs > 0) await pause(waitMs);
    // What an outage held up is not caught up with: the rate is a bound.
    else dueAt = performance.now();
    while (onTheWay.size >= MAX_ON_THE_WAY) await Promise.race(onTheWay);
  }
  await Promise.all(onTheWay);
  return all;
}

/** One notification in flight: its evidence for the judge, and the body, which is the same at every repeat. */
export interface Entry {
  planned: Planned;
  asked: Asked;
  body: Record<string, unknown>;
}

function entryOf(planned: Planned, environment: Environment, { appId }: LoadOptions): Entry {
  const { key, species, priority, policy, sendInMs, ttlSeconds, orderingKey } = planned;
  const now = Date.now();
  const sendAt = sendInMs === null ? null : now + sendInMs;
  const expiresAt = ttlSeconds === null ? null : now + ttlSeconds * 1000;
  return {
    planned,
    asked: {
      key,
      id: notificationId(appId, environment, key),
      environment,
      channel: species.route[0],
      priority,
      policy,
      refusable: species.refusable ?? false,
      sendAt,
      expiresAt,
      orderingKey,
      answer: 'unknown',
      acceptedAt: null,
      cancelledAt: null,
    },
    body: {
      ...planned.body,
      ...(sendAt === null ? {} : { send_at: new Date(sendAt).toISOString() }),
      ...(expiresAt === null ? {} : { expires_at: new Date(expiresAt).toISOString() }),
      ...(orderingKey === null ? {} : { ordering_key: orderingKey }),
    },
  };
}
