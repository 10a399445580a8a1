import { type Action, type AllAction, foresee, foreseeAll, isListed, isUnread, isUnseen } from './actions.ts';
import type { AllChanged, Counts, Message, Page, StreamEvent, View } from './message.ts';

/**
 * What a client knows of an inbox. In come pages of the list, events of the stream and a person's actions, in whatever
 * order the network brings them; out come the list and the counts to show. Which of two states of a message is the
 * newer one is decided by its sequence number alone. No clock, no network: see inbox.ts for those.
 */
export interface InboxState {
  readonly view: View;
  /** The newest known state of each message, also of those that the view does not show. */
  readonly known: ReadonlyMap<string, Message>;
  /** Ids of the loaded part of the list, in the server's order. Those that have left the view are skipped when shown. */
  readonly order: readonly string[];
  /** Of the next page; null at the end, undefined before the first page. */
  readonly cursor: string | null | undefined;
  readonly counts: Counts & { sequence: number };
  /** All events up to here are in `known`; null before the first page. */
  readonly position: number | null;
  /** Where the events begin: what changed before, only pages from then on tell. */
  readonly since: number;
  /** What the person has been shown: an action on all leaves out what came after it. */
  readonly shown: number;
  readonly pending: readonly Pending[];
  /** The state of the inbox that the order is of, and the one that it must be of at least: see `isStale`. */
  readonly loadedAt: number;
  readonly staleAt: number;
}

interface Pending {
  key: number;
  /** Shown in place of the stored state. */
  foresee(message: Message): Message;
  unread: number;
  unseen: number;
  /** The answer is there, and holds from this sequence number on. */
  answeredAt: number | null;
  /** The answer does not bring the changed messages: the stream will. */
  isForAll: boolean;
}

export type Input =
  | { type: 'view'; view: View }
  /** The first pages, as one: they replace the list. `view` is that of the state when they were asked for. */
  | { type: 'loaded'; page: Page; view: View }
  | { type: 'more'; page: Page; view: View; cursor: string }
  /** `isCatchUp`: several changes of a message may have become one event. */
  | { type: 'events'; events: readonly StreamEvent[]; isCatchUp: boolean }
  | { type: 'act'; key: number; id: string; action: Action; now: string }
  | { type: 'act-on-all'; key: number; action: AllAction; category: string | null; now: string }
  | { type: 'acted'; key: number; message: Message }
  | { type: 'acted-on-all'; key: number; answer: AllChanged }
  | { type: 'failed'; key: number };

export const EMPTY: InboxState = {
  view: { status: 'all', category: null },
  known: new Map(),
  order: [],
  cursor: undefined,
  counts: { unread_count: 0, unseen_count: 0, sequence: -1 },
  position: null,
  since: 0,
  shown: 0,
  pending: [],
  loadedAt: -1,
  staleAt: -1,
};

export function reduce(state: InboxState, input: Input): InboxState {
  switch (input.type) {
    case 'view':
      return { ...state, view: input.view, order: [], cursor: undefined, loadedAt: -1, staleAt: -1 };
    case 'loaded':
      return state.view === input.view ? loaded(state, input.page) : state;
    case 'more':
      // The answer to a request that was made before the list was replaced.
      if (state.view !== input.view || state.cursor !== input.cursor) return state;
      if (input.page.sequence < state.since) return { ...state, staleAt: state.since };
      return settled({
        ...learned(state, input.page.data),
        order: [...new Set([...state.order, ...input.page.data.map(({ id }) => id)])],
        cursor: input.page.next_cursor,
        counts: newer(state.counts, input.page, input.page.sequence),
      });
    case 'events':
      return settled(happened(state, input.events, input.isCatchUp));
    case 'act': {
      const before = visible(state, input.id);
      if (!before) return state;
      const { id, action, now } = input;
      const foreseen = (message: Message) => (message.id === id ? foresee(message, action, now) : message);
      return pending(state, {
        key: input.key,
        foresee: foreseen,
        isForAll: false,
        ...changeOf(before, foreseen(before)),
      });
    }
    case 'act-on-all': {
      const { key, category, action, now } = input;
      const { unread_count, unseen_count } = counts(state);
      return pending(state, {
        key,
        foresee: (message) =>
          message.sequence <= state.shown && (category === null || message.category === category)
            ? foreseeAll(message, action, now)
            : message,
        isForAll: true,
        // How many there are of one category, the answer tells.
        unread: category === null && action === 'read-all' ? -unread_count : 0,
        unseen: category === null ? -unseen_count : 0,
      });
    }
    case 'acted':
      return settled(
        answered(
          happened(state, [{ type: 'changed', id: null, data: input.message }], false),
          input.key,
          input.message.sequence,
        ),
      );
    case 'acted-on-all': {
      const { answer } = input;
      const counts = newer(state.counts, answer, answer.sequence);
      return settled(answered({ ...state, counts }, input.key, answer.sequence));
    }
    case 'failed':
      return { ...state, pending: state.pending.filter(({ key }) => key !== input.key) };
  }
}

/** The messages to show, in order. */
export function list(state: InboxState): Message[] {
  return state.order.map((id) => visible(state, id)!).filter((message) => matches(message, state.view));
}

/** A message belongs into the list at a place that only the server knows: it must be loaded again. */
export const isStale = ({ loadedAt, staleAt }: InboxState): boolean => staleAt > loadedAt;

/** The counts to show: the server's, and what pending actions will make of them. */
export function counts({
  counts: { unread_count, unseen_count, sequence },
  pending: all,
}: InboxState): Counts {
  let [unread, unseen] = [unread_count, unseen_count];
  for (const each of all) {
    if (each.answeredAt !== null && each.answeredAt <= sequence) continue;
    unread += each.unread;
    unseen += each.unseen;
  }
  return { unread_count: Math.max(0, unread), unseen_count: Math.max(0, unseen) };
}

function visible(state: InboxState, id: string): Message | undefined {
  const message = state.known.get(id);
  return message && state.pending.reduce((now, { foresee: change }) => change(now), message);
}

function matches(message: Message, { status, category }: View): boolean {
  if (category !== null && message.category !== category) return false;
  if (status === 'archived') return message.archived_at !== null;
  if (status === 'snoozed') return message.snoozed_until !== null;
  return status === 'unread' ? isUnread(message) : isListed(message);
}

function loaded(state: InboxState, page: Page): InboxState {
  if (page.sequence < state.since) return { ...state, staleAt: state.since };
  const ids = new Set(page.data.map(({ id }) => id));
  // What happened after the page was made, while it was on its way.
  const since = state.order.filter((id) => !ids.has(id) && state.known.get(id)!.sequence > page.sequence);
  return settled({
    ...learned(state, page.data),
    order: [...since, ...ids],
    cursor: page.next_cursor,
    counts: newer(state.counts, page, page.sequence),
    position: state.position ?? page.sequence,
    since: state.position === null ? page.sequence : state.since,
    shown: Math.max(state.shown, page.sequence),
    loadedAt: page.sequence,
    staleAt: Math.max(state.staleAt, ...since.map((id) => state.known.get(id)!.sequence)),
  });
}

/** Events come in the order of their ids, but some of them a second time, and some after a page that shows them. */
function happened(state: InboxState, events: readonly StreamEvent[], isCatchUp: boolean): InboxState {
  const reset = events.findLastIndex(({ type }) => type === 'reset');
  if (reset >= 0) {
    const { view, pending: acting, counts: last } = state;
    // Another view to all answers that are on their way.
    const forgotten = {
      ...EMPTY,
      view: { ...view },
      pending: acting,
      counts: { ...last, sequence: -1 },
      staleAt: 0,
    };
    return happened(forgotten, events.slice(reset + 1), isCatchUp);
  }
  const known = new Map(state.known);
  const placed = new Set(state.order);
  const newestFirst: string[] = [];
  let newestAt = '';
  for (const id of placed) {
    const { created_at: at } = known.get(id)!;
    if (at > newestAt) newestAt = at;
  }
  let { position, counts: newest, staleAt } = state;
  for (const { type, id, data } of events) {
    if (id !== null && position !== null) position = Math.max(position, id);
    if (type === 'counts') newest = newer(newest, data as Counts, id!);
    if (type !== 'message' && type !== 'changed') continue;
    const message = data as Message;
    const before = known.get(message.id);
    if (before && before.sequence >= message.sequence) continue;
    known.set(message.id, message);
    // The order has it already, or it is on a page to come.
    if (message.sequence <= state.loadedAt) continue;
    const isBack = before !== undefined && hasComeBack(before, message, isCatchUp);
    const isNew = type === 'message' && !placed.has(message.id);
    // The list is ordered by when a message came, or came back. The latter is not known here: whenever it may matter,
    // the server is asked for the order.
    const isCertain = isNew ? message.created_at >= newestAt : placed.has(message.id) && !isBack;
    const isWanted = matches(message, state.view);
    if (!isCertain && isWanted) staleAt = Math.max(staleAt, message.sequence);
    if (!isCertain && !isWanted) placed.delete(message.id);
    else if (isNew || isBack) {
      placed.add(message.id);
      newestFirst.unshift(message.id);
      if (message.created_at > newestAt) newestAt = message.created_at;
    }
  }
  const order = [...new Set([...newestFirst, ...state.order])].filter((id) => placed.has(id));
  const shown = Math.max(state.shown, position ?? 0);
  return { ...state, known, order, counts: newest, position, shown, staleAt };
}

/** Whether a snooze ended between these states, as far as they show it: then the message is as unseen as a new one. */
function hasComeBack(before: Message, message: Message, isCatchUp: boolean): boolean {
  if (message.snoozed_until !== null) return false;
  if (before.snoozed_until !== null) return message.archived_at === null || isCatchUp;
  if (message.seen_at === null) return true;
  return before.seen_at === null ? isCatchUp : message.seen_at !== before.seen_at;
}

function learned(state: InboxState, messages: readonly Message[]): InboxState {
  const known = new Map(state.known);
  for (const message of messages)
    if (!((known.get(message.id)?.sequence ?? -1) > message.sequence)) known.set(message.id, message);
  return { ...state, known };
}

const newer = (
  known: InboxState['counts'],
  { unread_count, unseen_count }: Counts,
  sequence: number,
): InboxState['counts'] => (sequence >= known.sequence ? { unread_count, unseen_count, sequence } : known);

function pending(state: InboxState, action: Omit<Pending, 'answeredAt'>): InboxState {
  return { ...state, pending: [...state.pending, { ...action, answeredAt: null }] };
}

const changeOf = (before: Message, then: Message) => ({
  unread: Number(isUnread(then)) - Number(isUnread(before)),
  unseen: Number(isUnseen(then)) - Number(isUnseen(before)),
});

function answered(state: InboxState, key: number, sequence: number): InboxState {
  return {
    ...state,
    pending: state.pending.map((each) => {
      if (each.key !== key) return each;
      const answer = { ...each, answeredAt: sequence };
      return each.isForAll ? answer : { ...answer, foresee: (message: Message) => message };
    }),
  };
}

/** Without the pending actions whose effect is in the counts and in the messages. */
function settled(state: InboxState): InboxState {
  const { position, counts: now } = state;
  const isDone = ({ answeredAt, isForAll }: Pending) =>
    answeredAt !== null && answeredAt <= now.sequence && (!isForAll || answeredAt <= (position ?? 0));
  return state.pending.some(isDone)
    ? { ...state, pending: state.pending.filter((each) => !isDone(each)) }
    : state;
}
