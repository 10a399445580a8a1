import type { InboxOwner } from '@carillon/core/inbox/message';
import { type ChangesAsked, readInboxChanges } from '@carillon/db/inbox/read-changes';
import { type InboxSubscriber, inboxKey } from '@carillon/queue/inbox-signals';
import type { Sql } from 'postgres';
import { InboxStream, type StreamEnd, type StreamOptions } from './stream.ts';

/** When a stream ends by itself. */
export interface ScheduledEnd {
  /** From now, at most a day. */
  inMs: number;
  reason: StreamEnd;
}

/** All open streams of this process. */
export interface InboxStreams {
  /** @returns the body of the answer. */
  open(
    options: Pick<StreamOptions, 'owner' | 'after' | 'view' | 'viewCounts'>,
    end: ScheduledEnd,
  ): ReadableStream<Uint8Array>;
  /** Something changed in this inbox: its streams are served at once. */
  changed(owner: InboxOwner): void;
  count(): number;
  /** Ends every stream: the clients connect again, to another process. */
  close(): void;
}

/** One person's streams on this process. A tab each, and a person has only so many. */
const MOST_OF_A_PERSON = 10;
/** Proxies and load balancers commonly close what is silent for 60 s. */
const BEAT_MS = 20_000;
/** A reader that has left no room for this long is dropped. */
const SLOW_MS = 60_000;
/** How often every inbox is read without a signal: while signals may be lost, and otherwise. */
const LOOK_MS = 1_000;
const LOOK_WITH_SIGNALS_MS = 10_000;
/** After a failure. */
const AGAIN_MS = 500;
/** Inboxes of one statement, and events of each. */
const MOST_INBOXES = 100;
const MOST_EVENTS = 100;
/** Statements at a time. */
const MOST_READS = 2;

interface Inbox {
  owner: InboxOwner;
  /** In the order in which they were opened. */
  streams: Set<InboxStream>;
}

/**
 * Serves the streams of many inboxes. A signal (a change in this process, or one by Redis) marks an inbox as due; due
 * inboxes are read together, in one statement, and each stream gets what it does not have. Without signals all inboxes
 * are read once a second.
 *
 * @param subscribe gives the signals of Redis; null where there is none.
 */
export function createInboxStreams(
  sql: Sql,
  subscribe: ((onSignal: (key: string) => void) => InboxSubscriber) | null,
): InboxStreams {
  const inboxes = new Map<string, Inbox>();
  const due = new Set<string>();
  /** Inboxes that a statement under way reads: two at a time could be answered in the other order. */
  const reading = new Set<string>();
  let reads = 0;
  let isPlanned = false;
  let isClosed = false;
  /** Of streams that end by themselves. */
  const expiries = new Map<InboxStream, NodeJS.Timeout>();
  let again: NodeJS.Timeout | undefined;

  const mark = (key: string): void => {
    if (!inboxes.has(key)) return;
    due.add(key);
    if (isPlanned) return;
    isPlanned = true;
    // What is marked in this turn of the event loop is read together.
    setImmediate(() => {
      isPlanned = false;
      readDue();
    });
  };
  const subscriber = subscribe?.(mark) ?? null;

  function readDue(): void {
    while (reads < MOST_READS && !isClosed) {
      const keys = [...due].filter((key) => !reading.has(key)).slice(0, MOST_INBOXES);
      if (keys.length === 0) return;
      for (const key of keys) {
        due.delete(key);
        reading.add(key);
      }
      reads++;
      void read(keys)
        .catch(() => {
          again = setTimeout(() => keys.forEach(mark), AGAIN_MS);
        })
        .finally(() => {
          reads--;
          for (const key of keys) reading.delete(key);
          readDue();
        });
    }
  }

  async function read(keys: readonly string[]): Promise<void> {
    const asked = keys.flatMap((key) => {
      const inbox = inboxes.get(key);
      const asking = inbox && askOf(inbox);
      return asking ? [{ key, ...asking }] : [];
    });
    if (asked.length === 0) return;
    const found = await readInboxChanges(
      sql,
      asked.map(({ ask }) => ask),
      MOST_EVENTS,
    );
    asked.forEach(({ key, streams }, index) => {
      const changes = found[index];
      if (!changes) {
        for (const stream of streams) remove(stream, 'recipient_erased');
        return;
      }
      let isMore = false;
      // Only those that asked: the answer may be older than what one that was opened meanwhile has been sent elsewhere.
      for (const stream of streams) {
        if (!stream.isOf(changes.recipientSince)) remove(stream, 'recipient_erased');
        else isMore = stream.send(changes) || isMore;
      }
      if (isMore) mark(key);
    });
  }

  const forget = (stream: InboxStream, key: string): void => {
    clearTimeout(expiries.get(stream));
    expiries.delete(stream);
    const inbox = inboxes.get(key);
    if (!inbox?.streams.delete(stream)) return;
    if (inbox.streams.size > 0) return;
    inboxes.delete(key);
    due.delete(key);
    subscriber?.remove(key);
  };

  function remove(stream: InboxStream, reason: StreamEnd): void {
    stream.end(reason);
    forget(stream, inboxKey(stream.owner));
  }

  const beating = setInterval(() => {
    const now = performance.now();
    for (const [key, { streams }] of inboxes) {
      for (const stream of [...streams]) {
        if (stream.fullSince === null || now - stream.fullSince < SLOW_MS) stream.beat();
        else {
          stream.drop();
          forget(stream, key);
        }
      }
    }
  }, BEAT_MS);
  let lookedAt = performance.now();
  const looking = setInterval(() => {
    const now = performance.now();
    if (now - lookedAt < (subscriber?.isLive() ? LOOK_WITH_SIGNALS_MS : LOOK_MS)) return;
    lookedAt = now;
    for (const key of inboxes.keys()) mark(key);
  }, LOOK_MS);

  return {
    open(options, end) {
      const key = inboxKey(options.owner);
      const stream: InboxStream = new InboxStream({
        ...options,
        onRoom: () => mark(key),
        onGone: () => forget(stream, key),
      });
      const inbox = inboxes.get(key) ?? { owner: options.owner, streams: new Set() };
      if (inbox.streams.size === 0) {
        inboxes.set(key, inbox);
        subscriber?.add(key);
      }
      inbox.streams.add(stream);
      if (inbox.streams.size > MOST_OF_A_PERSON) remove([...inbox.streams][0]!, 'too_many_streams');
      expiries.set(
        stream,
        setTimeout(() => remove(stream, end.reason), end.inMs),
      );
      if (isClosed) remove(stream, 'restarting');
      mark(key);
      return stream.body;
    },
    changed: (owner) => mark(inboxKey(owner)),
    count: () => [...inboxes.values()].reduce((total, { streams }) => total + streams.size, 0),
    close() {
      isClosed = true;
      clearInterval(beating);
      clearInterval(looking);
      clearTimeout(again);
      for (const { streams } of [...inboxes.values()])
        for (const stream of [...streams]) remove(stream, 'restarting');
      subscriber?.close();
    },
  };
}

/** What the streams of an inbox that have room ask together: from the one that is furthest behind. Null without any. */
function askOf({
  owner,
  streams: all,
}: Inbox): { ask: ChangesAsked; streams: readonly InboxStream[] } | null {
  const streams = [...all].filter(({ fullSince }) => fullSince === null);
  if (streams.length === 0) return null;
  const begun = streams.flatMap(({ after }) => (after === null ? [] : [after]));
  const after = begun.length === 0 ? null : Math.min(...begun);
  return { ask: { ...owner, after, counts: streams.some(({ needsCounts }) => needsCounts) }, streams };
}
