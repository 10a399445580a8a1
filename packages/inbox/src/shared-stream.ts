import type { StreamEvent } from './message.ts';
import { keepStream, type StreamOptions, type StreamState } from './stream.ts';
import { wakeUps } from './wake-ups.ts';

export interface SharedStream {
  /** Connects again after `stopped`. */
  retry(): void;
  stop(): void;
}

export interface ShareOptions extends Omit<StreamOptions, 'position'> {
  /** The same in all tabs of one person, and in no others. */
  name: string;
  /** What this element has come to; null before its list is loaded. */
  position(): number | null;
  /** Times in ms; tests shorten them. */
  askEveryMs?: number;
  silentLeaderMs?: number;
}

/** What tabs send each other. From the leader: lead, events, state. To it: at, ask, retry. */
type Note =
  | { kind: 'lead'; from: number | null }
  | { kind: 'events'; events: StreamEvent[]; isCatchUp: boolean }
  | { kind: 'state'; state: StreamState }
  | { kind: 'at'; position: number | null }
  | { kind: 'ask' | 'retry' };

const ASK_EVERY_MS = 30_000;
/** A leader that does not answer for this long is frozen: the browser suspends tabs that nobody looks at. */
const SILENT_LEADER_MS = 5_000;

/** Channels are opened before the list is loaded, so that nothing is missed between. @returns begins once it is. */
export function shareStream(options: ShareOptions): { begin(): void } & SharedStream {
  const canShare = globalThis.navigator?.locks && globalThis.BroadcastChannel;
  return canShare ? elect(options) : alone(options);
}

function alone(options: ShareOptions): { begin(): void } & SharedStream {
  let connection = new AbortController();
  const begin = () => {
    connection.abort();
    connection = new AbortController();
    void keepStream(options, connection.signal);
  };
  return { begin, retry: begin, stop: () => connection.abort() };
}

/**
 * Browsers allow six connections per host over HTTP/1.1. So of all tabs of one person only one, the leader, holds the
 * stream, and passes its events on. The leader is who holds a lock: when its tab is closed, the next one gets it.
 */
function elect(options: ShareOptions): { begin(): void } & SharedStream {
  const {
    name,
    position,
    receive,
    changed,
    askEveryMs = ASK_EVERY_MS,
    silentLeaderMs = SILENT_LEADER_MS,
  } = options;
  const channel = new BroadcastChannel(name);
  const post = (note: Note) => channel.postMessage(note);
  const end = new AbortController();
  let heardAt = 0;
  let leader: Leader | null = null;
  let queued = new AbortController();

  const compete = (steal = false) => {
    let held: Leader | null = null;
    queued.abort();
    queued = new AbortController();
    const hold = () =>
      new Promise<void>((release) => {
        leader = held = lead(options, post);
        end.signal.addEventListener('abort', () => release());
      });
    navigator.locks.request(name, steal ? { steal } : { signal: queued.signal }, hold).catch(() => {
      // Another tab found this one frozen, and leads now.
      if (!held || end.signal.aborted) return;
      held.stop();
      leader = null;
      compete();
    });
  };
  const ask = () => {
    if (leader || end.signal.aborted) return;
    const askedAt = Date.now();
    post({ kind: 'ask' });
    setTimeout(() => {
      if (!leader && !end.signal.aborted && heardAt < askedAt) compete(true);
    }, silentLeaderMs);
  };

  channel.onmessage = ({ data: note }: MessageEvent<Note>) => {
    if (leader) return leader.hear(note);
    heardAt = Date.now();
    if (note.kind === 'events') receive(note.events, note.isCatchUp);
    if (note.kind === 'state') changed(note.state);
    if (note.kind === 'lead') post({ kind: 'at', position: position() });
  };
  let timer: ReturnType<typeof setInterval> | undefined;
  const forget = wakeUps((isOffline) => !isOffline && timer && ask());
  return {
    begin() {
      if (timer) return;
      post({ kind: 'at', position: position() });
      compete();
      timer = setInterval(ask, askEveryMs);
    },
    retry: () => (leader ? leader.hear({ kind: 'retry' }) : post({ kind: 'retry' })),
    stop() {
      clearInterval(timer);
      forget();
      leader?.stop();
      end.abort();
      queued.abort();
      channel.close();
    },
  };
}

interface Leader {
  hear(note: Note): void;
  stop(): void;
}

function lead(options: ShareOptions, post: (note: Note) => void): Leader {
  const { position, receive, changed } = options;
  /** What all tabs have been sent: everything from here to `reached`. */
  let from = position();
  let reached = from;
  let state: StreamState = 'waiting';
  let connection = new AbortController();
  const connect = () => {
    connection.abort();
    connection = new AbortController();
    const stream: StreamOptions = {
      ...options,
      position: () => reached ?? position(),
      receive(events, isCatchUp) {
        for (const { type, id } of events) reached = type === 'reset' ? null : (id ?? reached);
        post({ kind: 'events', events, isCatchUp });
        receive(events, isCatchUp);
      },
      changed(now) {
        state = now;
        post({ kind: 'state', state });
        changed(state);
      },
    };
    void keepStream(stream, connection.signal);
  };
  post({ kind: 'lead', from });
  connect();
  return {
    hear(note) {
      if (note.kind === 'retry' && state === 'stopped') connect();
      if (note.kind === 'at' && note.position !== null && from !== null && note.position < from) {
        // A tab whose list is older than this stream: the events between were sent to nobody.
        reached = from = note.position;
        connect();
      }
      if (note.kind === 'at' || note.kind === 'ask') post({ kind: 'state', state });
    },
    stop: () => connection.abort(),
  };
}
