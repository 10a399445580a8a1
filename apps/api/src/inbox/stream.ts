import type { InboxCounts, InboxMessage, InboxOwner } from '@carillon/core/inbox/message';
import type { InboxChanges } from '@carillon/db/inbox/read-changes';

/** Why the server ends a stream. */
export type StreamEnd = 'token_expired' | 'too_many_streams' | 'recipient_erased' | 'restarting';

/** Bytes that wait for a slow reader. Then the stream is left out until they are read. */
const MOST_WAITING = 256 * 1024;
/** Browsers that reconnect by themselves (EventSource) wait this long. */
const RETRY_MS = 2_000;

const encoder = new TextEncoder();

export interface StreamOptions {
  owner: InboxOwner;
  /** The number of the last change that the client has; null starts at the present. */
  after: number | null;
  /** A message as this client may see it. */
  view(message: InboxMessage): object;
  viewCounts(counts: InboxCounts): object;
  /** The client has read what waited: there is room again. */
  onRoom(): void;
  /** The client is gone. */
  onGone(): void;
}

/**
 * One open stream (server-sent events, https://html.spec.whatwg.org/multipage/server-sent-events.html). The id of an
 * event is the number of the change, so that a client that comes back with `Last-Event-ID` misses nothing.
 */
export class InboxStream {
  readonly body: ReadableStream<Uint8Array>;
  readonly owner: InboxOwner;
  /** What it has been sent. */
  after: number | null;
  /** It has been sent a change, or nothing at all, since the last counts. */
  needsCounts = true;
  /** Since when its reader has left no room, in monotonic ms; null while there is some. */
  fullSince: number | null = null;

  private readonly options: StreamOptions;
  /** When its recipient was added; null until it is known. */
  private recipientSince: number | null = null;
  private controller!: ReadableStreamDefaultController<Uint8Array>;
  private isOpen = true;

  constructor(options: StreamOptions) {
    this.options = options;
    this.owner = options.owner;
    this.after = options.after;
    this.body = new ReadableStream<Uint8Array>(
      {
        start: (controller) => {
          this.controller = controller;
        },
        pull: () => {
          if (this.fullSince === null) return;
          this.fullSince = null;
          options.onRoom();
        },
        cancel: () => {
          this.isOpen = false;
          options.onGone();
        },
      },
      new ByteLengthQueuingStrategy({ highWaterMark: MOST_WAITING }),
    );
    this.write(`retry: ${RETRY_MS}\n\n`);
  }

  /**
   * Whether it was opened for this recipient. An id that was erased and added again is another person.
   *
   * @param since when the recipient was added.
   */
  isOf(since: Date): boolean {
    this.recipientSince ??= since.getTime();
    return this.recipientSince === since.getTime();
  }

  /**
   * Sends what this client does not have yet, as far as there is room.
   *
   * @param inbox read with a number that is at most this stream's, after that number was sent.
   * @returns whether there is more to read for it.
   */
  send({ events, last, isMore, counts }: InboxChanges): boolean {
    let text = '';
    if (this.after === null) this.after = last;
    else if (this.after > last) {
      // Numbers only rise: this one is of an inbox that a restored backup does not know.
      text += event('reset', {}, last);
      this.after = last;
      this.needsCounts = true;
    }
    for (const { number, isNew, message } of events) {
      if (number <= this.after) continue;
      if (text.length >= MOST_WAITING) {
        this.write(text);
        return true;
      }
      text += event(isNew ? 'message' : 'changed', this.options.view(message), number);
      this.after = number;
      this.needsCounts = true;
    }
    if (!isMore) {
      this.after = Math.max(this.after, last);
      // Not there where this stream was opened while others were read: the next read brings them.
      if (this.needsCounts && counts !== null) {
        text += event('counts', this.options.viewCounts(counts), this.after);
        this.needsCounts = false;
      }
    }
    if (text !== '') this.write(text);
    return isMore;
  }

  /** A comment: proxies close connections on which nothing passes. */
  beat(): void {
    if (this.fullSince === null) this.write(':\n\n');
  }

  end(reason: StreamEnd): void {
    if (!this.isOpen) return;
    this.write(event('closed', { reason }));
    this.isOpen = false;
    this.controller.close();
  }

  /** For a reader that does not read. */
  drop(): void {
    if (!this.isOpen) return;
    this.isOpen = false;
    this.controller.error(new Error('the client does not read'));
  }

  private write(text: string): void {
    if (!this.isOpen) return;
    this.controller.enqueue(encoder.encode(text));
    if ((this.controller.desiredSize ?? 0) <= 0) this.fullSince ??= performance.now();
  }
}

function event(type: string, data: object, id?: number): string {
  return `event: ${type}\n${id === undefined ? '' : `id: ${id}\n`}data: ${JSON.stringify(data)}\n\n`;
}
