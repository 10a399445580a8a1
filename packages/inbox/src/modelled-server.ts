import { type Action, type AllAction, foresee, foreseeAll, isListed, isUnread, isUnseen } from './actions.ts';
import type { AllChanged, Counts, Message, Page, StreamEvent, View } from './message.ts';

interface Row extends Message {
  /** The sequence number that it was stored under. */
  createdAs: number;
  /** What lists are ordered by: when it came, or came back from a snooze. */
  at: number;
}

const PAGE = 3;

/** The rules of the API for one inbox, in memory: for tests of what a client makes of its answers. */
export class ModelledServer {
  #rows: Row[] = [];
  #sequence = 0;
  #clock = 0;

  get size(): number {
    return this.#rows.length;
  }

  store(category: string | null): void {
    const at = ++this.#clock;
    const sequence = ++this.#sequence;
    this.#rows.push({
      id: `m${String(at).padStart(4, '0')}`,
      title: `Message ${at}`,
      body: '',
      url: null,
      category,
      created_at: this.#time(at),
      seen_at: null,
      read_at: null,
      archived_at: null,
      snoozed_until: null,
      sequence,
      createdAs: sequence,
      at,
    });
  }

  /** @returns the message as it is then. */
  act(id: string, action: Action): Message {
    const row = this.#rows.find((each) => each.id === id)!;
    const changed = foresee(row, action, this.#time(++this.#clock));
    if (JSON.stringify(changed) === JSON.stringify(row)) return this.#view(row);
    if (row.snoozed_until !== null && isListed(changed)) row.at = this.#clock;
    Object.assign(row, changed, { sequence: ++this.#sequence, at: row.at });
    return this.#view(row);
  }

  actOnAll(action: AllAction, category: string | null, upTo: number): AllChanged {
    const now = this.#time(++this.#clock);
    let changed = 0;
    for (const row of this.#rows) {
      if (row.createdAs > upTo || (category !== null && row.category !== category)) continue;
      const next = foreseeAll(row, action, now);
      if (next.read_at === row.read_at && next.seen_at === row.seen_at) continue;
      Object.assign(row, next, { sequence: ++this.#sequence, at: row.at });
      changed++;
    }
    return { changed, ...this.counts(), sequence: this.#sequence };
  }

  counts(): Counts {
    return {
      unread_count: this.#rows.filter(isUnread).length,
      unseen_count: this.#rows.filter(isUnseen).length,
    };
  }

  list({ status, category }: View): Message[] {
    const wanted = {
      all: isListed,
      unread: isUnread,
      archived: (row: Message) => row.archived_at !== null,
      snoozed: (row: Message) => row.snoozed_until !== null,
    }[status];
    return this.#rows
      .filter((row) => wanted(row) && (category === null || row.category === category))
      .sort((a, b) => b.at - a.at)
      .map((row) => this.#view(row));
  }

  /** @param depth as many pages as show so many rows. */
  page(view: View, cursor: string | null, depth = 1): Page {
    const rows = this.list(view);
    const placeOf = (id: string) => this.#rows.find((row) => row.id === id)!.at;
    const rest = cursor === null ? rows : rows.filter(({ id }) => placeOf(id) < Number(cursor));
    const data = rest.slice(0, Math.max(1, Math.ceil(depth / PAGE)) * PAGE);
    return {
      data,
      next_cursor: data.length < rest.length ? String(placeOf(data.at(-1)!.id)) : null,
      ...this.counts(),
      sequence: this.#sequence,
    };
  }

  /** What a stream sends that has sent everything up to `after`. */
  eventsAfter(after: number): StreamEvent[] {
    const changed = this.#rows
      .filter(({ sequence }) => sequence > after)
      .sort((a, b) => a.sequence - b.sequence)
      .map((row) => ({
        type: row.createdAs > after ? 'message' : 'changed',
        id: row.sequence,
        data: this.#view(row),
      }));
    return [...changed, { type: 'counts', id: this.#sequence, data: this.counts() }];
  }

  #view({ createdAs: _, at: __, ...message }: Row): Message {
    return message;
  }

  #time = (at: number): string => new Date(at).toISOString();
}
