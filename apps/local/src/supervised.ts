import { setTimeout as pause } from 'node:timers/promises';

/** A process that runs and can be stopped. */
export interface Running {
  pid: number;
  /** Resolves when it has ended, for any reason. */
  ended: Promise<unknown>;
  stop(): Promise<void>;
}

const BACKOFF_MS = [200, 500, 1_000, 2_000, 5_000, 10_000];
/** A process that ran this long counts as stable: its next end restarts the backoff. */
const PROVEN_MS = 30_000;

/** One supervised process: started, and restarted whenever it ends, until it is stopped. */
export class Supervised {
  readonly name: string;
  #begin: () => Promise<Running>;
  #say: (line: string) => void;
  #changed: () => void;
  #running: Running | null = null;
  #stopping = new AbortController();
  #loop: Promise<void> = Promise.resolve();
  #firstStart: Promise<unknown> = Promise.resolve();

  constructor(name: string, begin: () => Promise<Running>, say: (line: string) => void, changed: () => void) {
    this.name = name;
    this.#begin = begin;
    this.#say = say;
    this.#changed = changed;
  }

  get pid(): number | null {
    return this.#running?.pid ?? null;
  }

  /** The first start. Throws if it fails: a process that cannot start at all is for the user to fix, not to retry. */
  async start(): Promise<void> {
    const starting = this.#begin();
    this.#firstStart = starting.catch(() => {});
    this.#running = await starting;
    this.#changed();
    this.#loop = this.#keepAlive();
  }

  /** Also during a start: the process is stopped as soon as it is up. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#firstStart;
    await this.#running?.stop();
    await this.#loop;
  }

  async #keepAlive(): Promise<void> {
    let failures = 0;
    let since = Date.now();
    for (;;) {
      await this.#running?.ended;
      if (this.#stopping.signal.aborted) return;
      if (this.#running && Date.now() - since > PROVEN_MS) failures = 0;
      this.#running = null;
      this.#changed();
      const waitMs = BACKOFF_MS[Math.min(failures++, BACKOFF_MS.length - 1)]!;
      this.#say(`${this.name} has ended unasked; starting it again in ${waitMs / 1000} s`);
      await pause(waitMs, undefined, { signal: this.#stopping.signal }).catch(() => {});
      if (this.#stopping.signal.aborted) return;
      try {
        const running = await this.#begin();
        // Stopped during its start: only this function has a reference to it.
        if (this.#stopping.signal.aborted) return await running.stop();
        this.#running = running;
        since = Date.now();
        this.#say(`${this.name} is back (pid ${running.pid})`);
        this.#changed();
      } catch (error) {
        this.#say(`${this.name} did not come back: ${(error as Error).message}`);
      }
    }
  }
}
