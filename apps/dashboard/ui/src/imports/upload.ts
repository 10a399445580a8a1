import { CarillonError, callIn, type Tenant } from '../api/call.ts';
import { type LinePlace, placeOfLine } from './line-offset.ts';
import { sendFile } from './send-file.ts';

/** What is imported, from where, and how. */
export interface ImportPlan {
  tenant: Tenant;
  file: File;
  format: 'csv' | 'ndjson';
  mode: 'upsert' | 'replace';
  dryRun: boolean;
  resubscribe: boolean;
  /** The fields of columns with other names. */
  map: Readonly<Record<string, string>>;
  /**
   * The file was chosen again for an import that exists: it is sent from its beginning, by which the API recognises it
   * and skips what it has.
   */
  isChosenAgain: boolean;
}

export type UploadPhase =
  | { name: 'sending' }
  /** The connection broke, or the API cannot take it now: tried again at this time (ms since the epoch). */
  | { name: 'waiting'; why: CarillonError; until: number }
  /** By the person: what was read is stored. */
  | { name: 'stopped' }
  /** The whole file was read. */
  | { name: 'ended' }
  | { name: 'failed'; error: unknown };

export interface UploadView {
  phase: UploadPhase;
  /** Bytes of the file that have left. */
  sent: number;
}

const LONGEST_WAIT_MS = 15_000;
const CHANGED = 'The file was changed, moved or removed while it was read. Choose it again.';

/**
 * An upload in this tab: sends a file, goes on behind the last line that the API has when the connection breaks, and
 * can be stopped. It lives on while one goes to other pages.
 */
export class Upload {
  readonly id: string;
  readonly plan: ImportPlan;
  #view: UploadView = { phase: { name: 'sending' }, sent: 0 };
  #listeners = new Set<() => void>();
  #stopping = new AbortController();
  #wake: () => void = () => {};
  #known: LinePlace | undefined;
  /** Whether the API may have lines of it already. */
  #hasBegun: boolean;

  constructor(id: string, plan: ImportPlan) {
    this.id = id;
    this.plan = plan;
    this.#hasBegun = plan.isChosenAgain;
    void this.#run();
  }

  get isRunning(): boolean {
    return this.#view.phase.name === 'sending' || this.#view.phase.name === 'waiting';
  }

  view = (): UploadView => this.#view;

  subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  /** Ends it; what was read stays stored. */
  stop(): void {
    this.#stopping.abort(new Error('stopped'));
    this.#wake();
  }

  /** Goes on at once, also after a stop or a failure. */
  goOn = (): void => {
    if (this.#view.phase.name === 'waiting') this.#wake();
    if (this.isRunning || this.#view.phase.name === 'ended') return;
    this.#stopping = new AbortController();
    void this.#run();
  };

  #show(next: Partial<UploadView>): void {
    this.#view = { ...this.#view, ...next };
    for (const listener of this.#listeners) listener();
  }

  async #run(): Promise<void> {
    let [failures, furthest] = [0, 0];
    for (;;) {
      this.#show({ phase: { name: 'sending' } });
      try {
        await this.#send();
        return this.#show({ phase: { name: 'ended' }, sent: this.plan.file.size });
      } catch (error) {
        if (this.#stopping.signal.aborted) return this.#show({ phase: { name: 'stopped' } });
        if (!(await canRead(this.plan.file)))
          return this.#show({ phase: { name: 'failed', error: new Error(CHANGED) } });
        if (!passes(error)) return this.#show({ phase: { name: 'failed', error } });
        failures = this.#view.sent > furthest ? 1 : failures + 1;
        furthest = Math.max(furthest, this.#view.sent);
        const waitMs = Math.max((error.retryAfterSeconds ?? 0) * 1_000, 500 * 2 ** Math.min(failures, 10));
        await this.#wait(error, Math.min(waitMs, LONGEST_WAIT_MS));
        if (this.#stopping.signal.aborted) return this.#show({ phase: { name: 'stopped' } });
      }
    }
  }

  /** Sends what the API does not have. */
  async #send(): Promise<void> {
    const { tenant, file, format, mode, dryRun, resubscribe, map, isChosenAgain } = this.plan;
    const line = this.#hasBegun ? await this.#nextLine() : 1;
    if (line === null) return;
    this.#hasBegun = true;
    const isFromStart = isChosenAgain || line === 1;
    const place = isFromStart ? { line: 1, offset: 0 } : await placeOfLine(file, line, this.#known);
    // Only the end of the file is missing: the answer that it was read.
    const offset = place?.offset ?? file.size;
    if (place !== null) this.#known = place;
    this.#show({ sent: offset });
    const query = new URLSearchParams({
      mode,
      dry_run: String(dryRun),
      ...(resubscribe && { resubscribe: 'true' }),
      ...(!isFromStart && { from_line: String(line) }),
      ...Object.fromEntries(Object.entries(map).map(([column, field]) => [`map.${column}`, field])),
    });
    await sendFile({
      tenant,
      importId: this.id,
      format,
      query,
      body: file.slice(offset),
      signal: this.#stopping.signal,
      onSent: (bytes) => this.#show({ sent: offset + bytes }),
    });
  }

  /**
   * The first line that the API does not have; null if it has read the whole file.
   *
   * @throws CarillonError that passes while the API still waits for the connection that broke.
   */
  async #nextLine(): Promise<number | null> {
    try {
      const { signal } = this.#stopping;
      const found = await callIn(this.plan.tenant, 'getImport', { path: { id: this.id } }, { signal });
      if (found.status === 'done') return null;
      if (found.status === 'running')
        throw new CarillonError('invalid_state', 'The server still waits for the connection that broke.', {
          status: 409,
          retryAfterSeconds: 1,
        });
      return found.next_line;
    } catch (error) {
      if (error instanceof CarillonError && error.status === 404) return 1;
      throw error;
    }
  }

  #wait(why: CarillonError, ms: number): Promise<void> {
    this.#show({ phase: { name: 'waiting', why, until: Date.now() + ms } });
    return new Promise((resolve) => {
      const end = (): void => {
        clearTimeout(timer);
        window.removeEventListener('online', end);
        resolve();
      };
      const timer = setTimeout(end, ms);
      window.addEventListener('online', end);
      this.#wake = end;
    });
  }
}

/** Whether the same may work in a while: the connection, the server, or an upload whose end it has not noticed. */
function passes(error: unknown): error is CarillonError {
  if (!(error instanceof CarillonError)) return false;
  const { status, code } = error;
  if (status === null || status >= 500) return true;
  return [401, 408, 429].includes(status) || code === 'invalid_state' || code === 'malformed_request';
}

async function canRead(file: Blob): Promise<boolean> {
  try {
    await file.slice(0, 1).arrayBuffer();
    return true;
  } catch {
    return false;
  }
}
