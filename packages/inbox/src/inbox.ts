import type { Action, AllAction } from './actions.ts';
import { EMPTY, type InboxState, type Input, isStale, reduce } from './inbox-state.ts';
import type { AllChanged, Message, Page, Preferences, StreamEvent, View } from './message.ts';
import { personOf } from './person.ts';
import { CallError, createSession } from './session.ts';
import { type SharedStream, shareStream } from './shared-stream.ts';
import type { StreamState } from './stream.ts';
import { pauseAfter } from './wake-ups.ts';

/** `refused`: another attempt succeeds only with another token. */
export type LoadError = 'failed' | 'refused';

export interface Inbox {
  readonly state: InboxState;
  /** Null before the first connection. */
  readonly link: StreamState | null;
  readonly error: LoadError | null;
  show(view: View): void;
  /** Loads the next page. */
  more(): void;
  act(id: string, action: Action): void;
  actOnAll(action: AllAction, category: string | null): void;
  preferences(locale: string): Promise<Preferences>;
  savePreferences(change: Partial<Preferences>, locale: string): Promise<Preferences>;
  /** There is another token of the same person. */
  renew(): void;
  /** Tries at once what failed or was stopped. */
  retry(): void;
  stop(): void;
}

export interface InboxHooks {
  changed(): void;
  /** New messages, each once. */
  arrived(messages: Message[]): void;
  /** An action was not done, and is taken back. */
  failed(): void;
  /** The page gave the token of another person. */
  replaced(): void;
}

const PAGE = 50;
/** For who reads on. */
const NEXT_PAGE = 200;
/** So many at most are loaded again when the order has changed. */
const MOST_AGAIN = 2_000;
/** How soon that is: sooner for one change than for thousands, as when all are marked as seen. */
const STALE_MS = 200;
const STALE_AGAIN_MS = 3_000;

/** Everything between the state and the network: what is loaded when, what is tried again, what is sent to the API. */
export function createInbox(apiUrl: string, getToken: () => Promise<string>, hooks: InboxHooks): Inbox {
  let state = EMPTY;
  let link: StreamState | null = null;
  let error: LoadError | null = null;
  let person: string | null = null;
  let shared: (SharedStream & { begin(): void }) | null = null;
  let loads = 0;
  let isLoading = false;
  let isLoadingMore = false;
  let staleTimer: ReturnType<typeof setTimeout> | undefined;
  let againAt = 0;
  let keys = 0;
  let actions = Promise.resolve();
  let impatience = new AbortController();
  const end = new AbortController();
  const announced = new Set<string>();

  const session = createSession(apiUrl, async () => {
    const token = await getToken();
    const whose = personOf(token);
    if (person !== null && person !== whose) {
      hooks.replaced();
      throw new CallError(401);
    }
    person = whose;
    return token;
  });

  const put = (input: Input) => {
    if (end.signal.aborted) return;
    state = reduce(state, input);
    if (isStale(state) && !isLoading) {
      clearTimeout(staleTimer);
      staleTimer = setTimeout(
        () => {
          againAt = Date.now() + STALE_AGAIN_MS;
          void load();
        },
        Math.max(STALE_MS, againAt - Date.now()),
      );
    }
    hooks.changed();
  };

  const page = ({ status, category }: View, cursor: string | null, limit = PAGE) => {
    const query = new URLSearchParams({ limit: String(limit) });
    if (status !== 'all') query.set('status', status);
    if (category !== null) query.set('category', category);
    if (cursor !== null) query.set('cursor', cursor);
    return session.call<Page>('GET', `/v1/inbox?${query}`);
  };

  /** As many pages as show what is shown now. The state of the inbox is that of the first one. */
  const pages = async (view: View) => {
    const depth = Math.min(MOST_AGAIN, state.order.length);
    const limit = depth > PAGE ? NEXT_PAGE : PAGE;
    const first = await page(view, null, limit);
    let last = first;
    const data = [...first.data];
    while (data.length < depth && last.next_cursor !== null) {
      last = await page(view, last.next_cursor, limit);
      data.push(...last.data);
    }
    return { ...first, data, next_cursor: last.next_cursor };
  };

  async function load(): Promise<void> {
    const { view } = state;
    const mine = ++loads;
    const isMine = () => mine === loads && state.view === view && !end.signal.aborted;
    isLoading = true;
    for (let failures = 0; ; failures++) {
      try {
        shared ??= share(personOf(await session.token()));
        const answer = await pages(view);
        if (!isMine()) break;
        isLoading = false;
        error = null;
        put({ type: 'loaded', page: answer, view });
        shared.begin();
        return;
      } catch (reason) {
        if (!isMine()) break;
        error = isFinal(reason) ? 'refused' : 'failed';
        if (error === 'refused') isLoading = false;
        hooks.changed();
        if (error === 'refused') return;
        impatience = new AbortController();
        await pauseAfter(failures, [impatience.signal, end.signal]);
      }
    }
    // A reset came while the answer was on its way.
    if (mine === loads && !end.signal.aborted) return load();
  }

  const share = (whose: string) =>
    shareStream({
      name: `carillon-inbox ${apiUrl} ${whose}`,
      position: () => state.position,
      open: (after, signal) =>
        session.open(`/v1/inbox/stream${after === null ? '' : `?after=${after}`}`, signal),
      expired: session.renew,
      changed(now) {
        link = now;
        hooks.changed();
      },
      receive,
    });

  function receive(events: StreamEvent[], isCatchUp: boolean): void {
    put({ type: 'events', events, isCatchUp });
    const fresh = events
      .filter(({ type }) => type === 'message')
      .map(({ data }) => data as Message)
      .filter(({ id, read_at, archived_at }) => !announced.has(id) && !read_at && !archived_at);
    for (const { id } of fresh) announced.add(id);
    if (fresh.length > 0) hooks.arrived(fresh);
  }

  /** One after the other: two changes of a message must not overtake each other. */
  const enqueue = (key: number, isAsked: boolean, call: () => Promise<Input>) => {
    actions = actions.then(async () => {
      try {
        put(await call());
      } catch {
        put({ type: 'failed', key });
        if (isAsked) hooks.failed();
      }
    });
  };

  void load();
  return {
    get state() {
      return state;
    },
    get link() {
      return link;
    },
    get error() {
      return error;
    },
    show(view) {
      error = null;
      put({ type: 'view', view });
      void load();
    },
    more() {
      const { cursor, view } = state;
      if (!cursor || isLoading || isLoadingMore) return;
      isLoadingMore = true;
      page(view, cursor, NEXT_PAGE)
        .then(
          (answer) => put({ type: 'more', page: answer, view, cursor }),
          () => hooks.failed(),
        )
        .finally(() => {
          isLoadingMore = false;
        });
    },
    act(id, action) {
      const key = ++keys;
      put({ type: 'act', key, id, action, now: new Date().toISOString() });
      const until = action.to === 'snooze' ? { until: action.until } : undefined;
      enqueue(key, true, async () => {
        const message = await session.call<Message>('POST', `/v1/inbox/${id}/${action.to}`, until);
        return { type: 'acted', key, message };
      });
    },
    actOnAll(action, category) {
      const key = ++keys;
      const query = new URLSearchParams({ up_to: String(state.shown) });
      if (category !== null) query.set('category', category);
      put({ type: 'act-on-all', key, action, category, now: new Date().toISOString() });
      enqueue(key, action === 'read-all', async () => {
        const answer = await session.call<AllChanged>('POST', `/v1/inbox/${action}?${query}`);
        return { type: 'acted-on-all', key, answer };
      });
    },
    preferences: (locale) => session.call('GET', `/v1/my/preferences?locale=${locale}`),
    savePreferences: (change, locale) => session.call('PUT', `/v1/my/preferences?locale=${locale}`, change),
    renew() {
      session.renew();
      if (error !== null || link === 'stopped') this.retry();
    },
    retry() {
      impatience.abort();
      if (error === 'refused') {
        session.renew();
        error = null;
        hooks.changed();
        void load();
      }
      shared?.retry();
    },
    stop() {
      clearTimeout(staleTimer);
      end.abort();
      shared?.stop();
    },
  };
}

const isFinal = (reason: unknown): boolean =>
  reason instanceof CallError && reason.status >= 400 && reason.status < 500 && reason.status !== 429;
