import { WORKERS_OF, type WorkerName } from './programs.ts';
import { layoutWatch, type WorkerLayout } from './worker-layout.ts';

export interface WorkerProcessesOptions {
  layout: WorkerLayout;
  /** Resolves when the process is ready for work. */
  start(name: WorkerName): Promise<void>;
  /** Resolves when it has ended; nothing happens if it does not run. */
  stop(name: WorkerName): Promise<void>;
  /** Where the process says that it is healthy, and how busy its event loop was. */
  healthUrl(name: WorkerName): string;
  say(line: string): void;
}

const LOOK_EVERY_MS = 1_000;

/** The worker processes of `npm start`: one while there is little to do, separate ones under load (worker-layout.ts). */
export class WorkerProcesses {
  readonly #options: WorkerProcessesOptions;
  #layout: WorkerLayout;
  #timer: NodeJS.Timeout | undefined;
  #changing: Promise<void> | null = null;

  constructor(options: WorkerProcessesOptions) {
    this.#options = options;
    this.#layout = options.layout;
  }

  /** Those that run, or are to. */
  get names(): readonly WorkerName[] {
    return WORKERS_OF[this.#layout];
  }

  /** Throws if one of them cannot be started. */
  async start(): Promise<void> {
    await Promise.all(this.names.map((name) => this.#options.start(name)));
  }

  /** From now on the layout follows the load. */
  follow(): void {
    const watch = layoutWatch(this.#layout);
    const busyShares = busySharesSinceLastLook();
    this.#timer = setInterval(async () => {
      if (this.#changing) return;
      const shares = await busyShares(this.names.map(this.#options.healthUrl));
      const wanted = watch.look(shares, performance.now());
      if (wanted !== this.#layout) this.#changing ??= this.#change(wanted);
    }, LOOK_EVERY_MS);
  }

  /** No change of layout begins after this; resolves when one under way is over. The processes keep running. */
  async unfollow(): Promise<void> {
    clearInterval(this.#timer);
    await this.#changing;
  }

  /** The new processes are ready before the old ones are asked to end, so no work is without a process. */
  async #change(to: WorkerLayout): Promise<void> {
    const { start, stop, say } = this.#options;
    const before = this.names;
    try {
      await Promise.all(WORKERS_OF[to].map(start));
      this.#layout = to;
    } catch (error) {
      say(`the workers stay as they are, and the next look tries again: ${(error as Error).message}`);
    }
    const idle = this.#layout === to ? before : WORKERS_OF[to];
    await Promise.all(idle.map(stop));
    this.#changing = null;
  }
}

/**
 * @returns a function from health pages to the share of the time since its last call in which the event loop of each
 *   process worked. A process that does not answer counts as busy: it is starting, or cannot get to its answer.
 */
function busySharesSinceLastLook(): (urls: readonly string[]) => Promise<number[]> {
  let last = new Map<string, EventLoop>();
  return async (urls) => {
    const now = new Map<string, EventLoop>();
    const shares = urls.map(async (url) => {
      const loop = await eventLoopOf(url);
      if (loop === null) return 1;
      now.set(url, loop);
      const { active_ms, idle_ms } = last.get(url) ?? loop;
      const active = loop.active_ms - active_ms;
      // A restarted process counts from zero again.
      return active < 0 ? 0 : active / Math.max(1, active + loop.idle_ms - idle_ms);
    });
    const found = await Promise.all(shares);
    last = now;
    return found;
  };
}

type EventLoop = { active_ms: number; idle_ms: number };

async function eventLoopOf(url: string): Promise<EventLoop | null> {
  try {
    const answer = await fetch(url, { signal: AbortSignal.timeout(LOOK_EVERY_MS) });
    return ((await answer.json()) as { event_loop: EventLoop }).event_loop;
  } catch {
    return null;
  }
}
