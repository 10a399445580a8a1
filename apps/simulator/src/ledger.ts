import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { AppendLog } from './append-log.ts';
import { countNotification, readAfter } from './ledger-scan.ts';
import type { SimulatedMail } from './mailbox.ts';

/**
 * Everything that the providers accepted, one JSON line each, on disk before the answer is sent: the reference for all
 * tests of loss and duplicates. It is append-only and never confirms a line that is not written.
 */
export interface Acceptance {
  provider: string;
  channel: string;
  to: string;
  notification_id: string | null;
  attempt_id: string | null;
  idempotency_key: string | null;
  subject: string | null;
  /** E-mail: not in the ledger, only in memory. */
  letter?: SimulatedMail;
}

export interface LedgerLine extends Omit<Acceptance, 'letter'> {
  seq: number;
  at: string;
}

/** What a provider stores about an acceptance in addition to the ledger's line: its ids, its idempotency keys. */
export interface Memory {
  provider: string;
  [field: string]: unknown;
}

interface Counter {
  accepted: number;
  /** The latest lines, oldest first. */
  recent: string[];
}

interface Waiting {
  acceptances: readonly Acceptance[];
  memory: Memory | undefined;
  done: (error: Error | null) => void;
}

/** Keeps lines much shorter than a block, so that searching the file stays cheap for any input. */
const MAX_FIELD_LENGTH = 1_000;
const TAIL_BYTES = 64 * 1024 * 1024;
const RECENT_BYTES = 4 * 1024 * 1024;
const RECENT_PER_PROVIDER = 200;

export class Ledger {
  readonly #lines: AppendLog;
  readonly #memories: AppendLog;
  readonly #counters = new Map<string, Counter>();
  #seq: number;
  #turn = 0;
  #waiting: Waiting[] = [];
  #flushing = false;

  /** @param directory is created if missing; holds `ledger.ndjson` and `memory.ndjson`. One process at a time. */
  constructor(directory: string) {
    mkdirSync(directory, { recursive: true });
    this.#lines = new AppendLog(join(directory, 'ledger.ndjson'));
    this.#memories = new AppendLog(join(directory, 'memory.ndjson'));
    const tail = this.#lines.tail(RECENT_BYTES);
    this.#seq = tail.length === 0 ? 0 : (JSON.parse(tail.at(-1)!) as LedgerLine).seq;
    for (const line of tail) remember(this.#counter((JSON.parse(line) as LedgerLine).provider), line);
    this.#forgetUnwritten();
  }

  get lastSeq(): number {
    return this.#seq;
  }

  /** Increases with every write: acceptances of the current turn are not in the file yet. */
  get turn(): number {
    return this.#turn;
  }

  /** A provider's acceptances since this process began. */
  accepted(provider: string): number {
    return this.#counters.get(provider)?.accepted ?? 0;
  }

  /**
   * Writes acceptances, those of a batch together. All acceptances in the same turn of the event loop share one write.
   *
   * @param memory stored with them, so that the provider's own data is as durable as the ledger.
   * @param done called when they are in the file, or with the error if none of them is. A callback, not a promise: this
   *   is the hot path of benchmarks.
   */
  accept(
    acceptances: readonly Acceptance[],
    memory: Memory | undefined,
    done: (error: Error | null) => void,
  ): void {
    this.#waiting.push({ acceptances, memory, done });
    if (this.#flushing) return;
    this.#flushing = true;
    setImmediate(this.#flush);
  }

  /** The lines after a number, as in the file, oldest first. */
  read(after: number, limit = Number.POSITIVE_INFINITY): AsyncGenerator<Buffer> {
    return readAfter(this.#lines, after, limit);
  }

  /** The newest 64 MiB of lines, oldest first: what a provider reads at startup. */
  latest(): string[] {
    return this.#lines.tail(TAIL_BYTES);
  }

  /** How many acceptances name this notification. */
  count(notificationId: string): Promise<number> {
    return countNotification(this.#lines, notificationId);
  }

  /** The latest lines of one provider, newest first, 200 at most. */
  recent(provider: string): LedgerLine[] {
    const lines = this.#counters.get(provider)?.recent ?? [];
    return lines
      .slice(-RECENT_PER_PROVIDER)
      .reverse()
      .map((line) => JSON.parse(line) as LedgerLine);
  }

  /** What a provider stored with its acceptances, oldest first; the newest 64 MiB of it. */
  memories(provider: string): (Memory & { seq: number; at: string })[] {
    return this.#memories
      .tail(TAIL_BYTES)
      .map((line) => JSON.parse(line) as Memory & { seq: number; at: string })
      .filter((memory) => memory.provider === provider);
  }

  /** Writes pending lines, then closes the files. Call it once. */
  close(): void {
    this.#flush();
    this.#lines.close();
    this.#memories.close();
  }

  #flush = (): void => {
    this.#flushing = false;
    this.#turn++;
    const group = this.#waiting;
    if (group.length === 0) return;
    this.#waiting = [];
    const at = new Date().toISOString();
    let seq = this.#seq;
    let lines = '';
    let memories = '';
    for (const { acceptances, memory } of group) {
      for (const acceptance of acceptances) {
        const line = ledgerLine(++seq, at, acceptance);
        // Counted before it is written: a failed write is too rare to justify a second pass.
        const counter = this.#counter(acceptance.provider);
        counter.accepted++;
        remember(counter, line);
        lines += `${line}\n`;
      }
      if (memory !== undefined) memories += `${JSON.stringify({ seq, at, ...memory })}\n`;
    }
    try {
      this.#write(lines, memories);
    } catch (error) {
      this.#uncount(group);
      for (const waiting of group) waiting.done(error as Error);
      return;
    }
    this.#seq = seq;
    for (const waiting of group) waiting.done(null);
  };

  /**
   * Memory first: a memory without its line is discarded at the next start; a line without its memory could not be
   * repaired.
   */
  #write(lines: string, memories: string): void {
    const before = this.#memories.size;
    if (memories !== '') this.#memories.append(memories);
    try {
      this.#lines.append(lines);
    } catch (error) {
      this.#memories.truncate(before);
      throw error;
    }
  }

  #uncount(group: readonly Waiting[]): void {
    for (const { provider } of group.flatMap(({ acceptances }) => acceptances)) {
      const counter = this.#counter(provider);
      counter.accepted--;
      counter.recent.pop();
    }
  }

  #counter(provider: string): Counter {
    let counter = this.#counters.get(provider);
    if (counter === undefined) {
      counter = { accepted: 0, recent: [] };
      this.#counters.set(provider, counter);
    }
    return counter;
  }

  /** Drops memories whose acceptance never reached the file; their numbers will be reused. */
  #forgetUnwritten(): void {
    const lines = this.#memories.tail(TAIL_BYTES);
    let size = this.#memories.size;
    while (lines.length > 0 && (JSON.parse(lines.at(-1)!) as { seq: number }).seq > this.#seq) {
      size -= Buffer.byteLength(lines.pop()!) + 1;
    }
    if (size < this.#memories.size) this.#memories.truncate(size);
  }
}

function remember({ recent }: Counter, line: string): void {
  recent.push(line);
  // Truncated in larger steps: shifting an array of 200 at every message would be most of the work.
  if (recent.length >= 4 * RECENT_PER_PROVIDER) recent.splice(0, recent.length - RECENT_PER_PROVIDER);
}

/** Field order is part of the contract: the reader finds `seq` at the start of a line. */
function ledgerLine(seq: number, at: string, entry: Acceptance): string {
  return JSON.stringify({
    seq,
    at,
    provider: entry.provider,
    channel: entry.channel,
    to: bounded(entry.to),
    notification_id: bounded(entry.notification_id),
    attempt_id: bounded(entry.attempt_id),
    idempotency_key: bounded(entry.idempotency_key),
    subject: bounded(entry.subject),
  });
}

function bounded(value: string | null): string | null {
  return value !== null && value.length > MAX_FIELD_LENGTH ? value.slice(0, MAX_FIELD_LENGTH) : value;
}
