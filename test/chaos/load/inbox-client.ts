import { setTimeout as pause } from 'node:timers/promises';
import { type EventClient, openEvents, type StreamEvent } from '../../support/event-stream.ts';
import type { MessageState, StreamClient, StreamedEvent } from '../judge/inboxes.ts';
import type { Random } from './random.ts';

export interface InboxClientOptions {
  name: string;
  person: string;
  /** The API processes: each connection and each call goes to any of them, as behind a load balancer. */
  apiUrls: readonly string[];
  /** Gets a token from the customer's server. Rejects while nothing answers. */
  fetchToken(): Promise<string>;
  /** How long a connection lasts before the client cuts it, in ms; null: until it ends. */
  cutAfterMs: readonly [least: number, most: number] | null;
  /** How many of the messages it does something with. */
  acts: number;
  random: Random;
}

/** A browser tab: follows an inbox by one stream after the other, and acts on what it gets. */
export interface InboxClient {
  evidence(): StreamClient;
  /** The number of its last event, and whether nothing but counts may follow it. */
  position(): { number: number; isSettled: boolean };
  /** Marks everything as read, until that is answered. */
  readAll(): Promise<void>;
  /** Marks its newest messages as unread, so that there is something to read. */
  unreadSome(): Promise<void>;
  /** Ends what it does; its stream goes on. */
  rest(): Promise<void>;
  stop(): Promise<void>;
}

const PATIENCE_MS = 8_000;
const SNOOZE_MS = 1_500;
const UNREAD_AGAIN = 5;

export function startInboxClient(options: InboxClientOptions): InboxClient {
  const { name, person, apiUrls, fetchToken, cutAfterMs, acts, random } = options;
  const events: StreamedEvent[] = [];
  let position = 0;
  let token: string | null = null;
  let stream: EventClient | null = null;
  let isOver = false;
  let isResting = false;
  const acting = new Set<Promise<void>>();
  const nextUrl = () => random.pick(apiUrls);

  const take = (event: StreamEvent): void => {
    if (event.id !== null) position = event.id;
    const streamed = streamedOf(event);
    events.push(streamed);
    if (streamed.type !== 'message' || isResting || !random.chance(acts)) return;
    const work = act(streamed.message.id).finally(() => acting.delete(work));
    acting.add(work);
  };

  const call = async (path: string, body?: unknown): Promise<void> => {
    for (let isAnswered = false; !isAnswered && !isOver; ) {
      isAnswered = await fetch(`${nextUrl()}/v1/inbox/${path}`, {
        method: 'POST',
        headers: {
          authorization: `Bearer ${token}`,
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
        signal: AbortSignal.timeout(PATIENCE_MS),
      }).then(
        async (answer) => {
          await answer.body?.cancel();
          return answer.status < 500 && answer.status !== 429;
        },
        () => false,
      );
      if (!isAnswered) await pause(random.whole(50, 300));
    }
  };
  const act = async (id: string): Promise<void> => {
    const { act: doing } = random.weighted(ACTS);
    if (doing === 'snooze')
      return call(`${id}/snooze`, { until: new Date(Date.now() + SNOOZE_MS).toISOString() });
    if (doing === 'read-all') return call('read-all');
    for (const each of doing) await call(`${id}/${each}`);
  };

  const follow = async (): Promise<void> => {
    while (!isOver) {
      try {
        token ??= await fetchToken();
        const headers = { authorization: `Bearer ${token}`, 'last-event-id': String(position) };
        stream = await openEvents(`${nextUrl()}/v1/inbox/stream`, headers, take);
        if (stream.status === 401) token = null;
        if (isOver) await stream.close();
        const lasts = isResting || cutAfterMs === null ? null : random.whole(...cutAfterMs);
        await Promise.race([stream.ended, ...(lasts === null ? [] : [pause(lasts)])]);
        await stream.close();
      } catch {
        // Nothing answers; it asks again.
      }
      if (!isOver) await pause(random.whole(20, 200));
    }
  };
  const following = follow();

  return {
    evidence: () => ({ name, person, events }),
    position: () => ({ number: position, isSettled: events.findLast(isOpenEvent)?.type === 'counts' }),
    async readAll() {
      token ??= await fetchToken();
      await call('read-all');
    },
    async unreadSome() {
      const messages = events.flatMap((event) => (event.type === 'message' ? [event.message.id] : []));
      for (const id of new Set(messages.slice(-UNREAD_AGAIN))) await call(`${id}/unread`);
    },
    async rest() {
      isResting = true;
      await Promise.all(acting);
    },
    async stop() {
      isOver = true;
      await stream?.close();
      await following;
    },
  };
}

/** In pairs and threes where repeating must change nothing. */
const ACTS = [
  { act: ['read'], weight: 5 },
  { act: ['seen'], weight: 3 },
  { act: ['read', 'unread', 'read'], weight: 3 },
  { act: ['archive'], weight: 2 },
  { act: ['archive', 'unarchive'], weight: 1 },
  { act: 'snooze', weight: 3 },
  { act: 'read-all', weight: 0.3 },
] as const;

const isOpenEvent = ({ type }: StreamedEvent): boolean => type !== 'closed';

function streamedOf({ type, id, data }: StreamEvent): StreamedEvent {
  if (type === 'reset' || type === 'closed') return { type };
  if (type === 'counts')
    return { type, number: id ?? Number.NaN, unread: data.unread_count, unseen: data.unseen_count };
  if (type !== 'message' && type !== 'changed') throw new Error(`no event is called "${type}"`);
  const message: MessageState = {
    id: data.id,
    sequence: data.sequence,
    isSeen: data.seen_at !== null,
    isRead: data.read_at !== null,
    isArchived: data.archived_at !== null,
    isSnoozed: data.snoozed_until !== null,
  };
  return { type, number: id ?? Number.NaN, message };
}
