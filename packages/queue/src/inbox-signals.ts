import { hash } from 'node:crypto';
import type { InboxOwner } from '@carillon/core/inbox/message';
import { framed } from '@carillon/core/text/ids';
import type { Redis } from 'ioredis';
import type { RedisClient } from './connection.ts';

/**
 * Signals that an inbox changed, between processes, by Redis' publish and subscribe. A signal carries nothing: who gets
 * one reads PostgreSQL. So a lost signal costs time and nothing else, and no text of a message passes through Redis.
 */
const channelOf = (namespace: string, key: string): string => `${namespace}:inbox:${key}`;

/** The name of an inbox in Redis: it tells nothing about the person. */
export function inboxKey({ appId, environment, recipientId }: InboxOwner): string {
  return hash('sha256', framed(appId, environment, recipientId), 'hex').slice(0, 32);
}

/**
 * Sends signals. Those of one turn of the event loop leave together, one for each inbox.
 *
 * @param redis a producer's connection: it fails at once while Redis is away.
 * @returns a function that never waits and never throws.
 */
export function inboxPublisher(
  redis: Pick<RedisClient, 'pipeline'>,
  namespace: string,
): (owner: InboxOwner) => void {
  let due = new Set<string>();
  const flush = (): void => {
    const pipeline = redis.pipeline();
    for (const key of due) pipeline.publish(channelOf(namespace, key), '');
    due = new Set();
    // Streams also look by themselves, every few seconds.
    pipeline.exec().catch(() => {});
  };
  return (owner) => {
    if (due.size === 0) setImmediate(flush);
    due.add(inboxKey(owner));
  };
}

/** Receives the signals of some inboxes. */
export interface InboxSubscriber {
  /** From some moment soon on, signals of this inbox are received; then `onSignal` is called for it once. */
  add(key: string): void;
  remove(key: string): void;
  /** False while signals may be lost: Redis is away, or does not answer. */
  isLive(): boolean;
  close(): void;
}

/**
 * @param redis a connection for this alone, with `autoResubscribe` off: after each reconnect every inbox is subscribed
 *   again, and `onSignal` called for all of them, because what was published meanwhile is lost.
 */
export function inboxSubscriber(
  redis: Redis,
  namespace: string,
  onSignal: (key: string) => void,
): InboxSubscriber {
  const keys = new Set<string>();
  let isLive = false;
  const prefix = channelOf(namespace, '');

  const subscribe = async (wanted: readonly string[]): Promise<void> => {
    if (wanted.length === 0) return;
    await redis.subscribe(...wanted.map((key) => channelOf(namespace, key)));
    for (const key of wanted) if (keys.has(key)) onSignal(key);
  };

  redis.on('message', (channel: string) => {
    if (channel.startsWith(prefix)) onSignal(channel.slice(prefix.length));
  });
  redis.on('ready', () => {
    subscribe([...keys]).then(
      () => {
        isLive = true;
      },
      () => {},
    );
  });
  redis.on('close', () => {
    isLive = false;
  });
  return {
    add: (key) => {
      keys.add(key);
      if (redis.status === 'ready') subscribe([key]).catch(() => {});
    },
    remove: (key) => {
      keys.delete(key);
      if (redis.status === 'ready') redis.unsubscribe(channelOf(namespace, key)).catch(() => {});
    },
    isLive: () => isLive,
    close: () => redis.disconnect(),
  };
}
