import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { AppendLog } from './append-log.ts';
import { countNotification, readAfter } from './ledger-scan.ts';

/**
 * What every provider accepted, one JSON line each, on disk before the answer goes out: the judge of all tests that
 * ask whether something was lost or sent twice. It never forgets, never rewrites and never answers for a line it has
 * not written.
 */
export interface Acceptance {
  provider: string;
  channel: string;
  to: string;
  notification_id: string | null;
  attempt_id: string | null;
  idempotency_key: string | null;
  subject: string | null;
}

export interface LedgerLine extends Acceptance {
  seq: number;
  at: string;
}

/** What a provider itself remembers of an acceptance beyond the ledger's line: its ids, its idempotency keys. */
export interface Memory {
  provider: string;
  [field: string]: unknown;
}

interface Waiting {
  acceptances: readonly Acceptance[];
  memory: Memory | undefined;
  resolve: () => void;
  reject: (error: unknown) => void;
}

/** Keeps a line far below a block, so that searching the file stays cheap whatever a client sends. */
const MAX_FIELD_LENGTH = 1_000;
const TAIL_BYTES = 64 * 1024 * 1024;
const RECENT_BYTES = 4 * 1024 * 1024;
const RECENT_PER_PROVIDER = 200;

export class Ledger {
  readonly #lines: AppendLog;
  readonly #memories: AppendLog;
  readonly #recent = new Map<string, string[]>();
  readonly #accepted = new Map<string, number>();
  #seq: number;
  #waiting: Waiting[] = [];
  #flushing = false;

  /** @param directory is made if missing; holds `ledger.ndjson` and `memory.ndjson`. One process at a time. */
  constructor(directory: string) {
    mkdirSync(directory, { recursive: true });
    this.#lines = new AppendLog(join(directory, 'ledger.ndjson'));
    this.#memories = new AppendLog(join(directory, 'memory.ndjson'));
    const tail = this.#lines.tail(RECENT_BYTES);
    this.#seq = tail.length === 0 ? 0 : (JSON.parse(tail.at(-1)!) as LedgerLine).seq;
    for (const line of tail) this.#remember((JSON.parse(line) as LedgerLine).provider, line);
    this.#forgetUnwritten();
  }

  get lastSeq(): number {
    return this.#seq;
  }

  /** Acceptances per provider since this process began. */
  get accepted(): ReadonlyMap<string, number> {
    return this.#accepted;
  }

  /**
   * Writes acceptances, several of a batch as one; resolves when they are in the file. Whatever is accepted in the
   * same turn of the event loop shares one write.
   *
   * @param memory kept beside them, so that the provider's own memory survives what the ledger survives.
   */
  accept(acceptances: readonly Acceptance[], memory?: Memory): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ acceptances, memory, resolve, reject });
      if (this.#flushing) return;
      this.#flushing = true;
      setImmediate(this.#flush);
    });
  }

  /** The lines after a number as they stand in the file, oldest first. */
  read(after: number, limit = Number.POSITIVE_INFINITY): AsyncGenerator<Buffer> {
    return readAfter(this.#lines, after, limit);
  }

  /** The newest 64 MiB of lines, oldest first: what a provider reads back at the start. */
  latest(): string[] {
    return this.#lines.tail(TAIL_BYTES);
  }

  /** How many acceptances name this notification. */
  count(notificationId: string): Promise<number> {
    return countNotification(this.#lines, notificationId);
  }

  /** The latest lines of one provider, newest first, 200 at most. */
  recent(provider: string): LedgerLine[] {
    return (this.#recent.get(provider) ?? []).toReversed().map((line) => JSON.parse(line) as LedgerLine);
  }

  /** What a provider stored with its acceptances, oldest first; the newest 64 MiB of it. */
  memories(provider: string): (Memory & { seq: number; at: string })[] {
    return this.#memories
      .tail(TAIL_BYTES)
      .map((line) => JSON.parse(line) as Memory & { seq: number; at: string })
      .filter((memory) => memory.provider === provider);
  }

  /** Writes what waits, then closes the files. */
  close(): void {
    this.#flush();
    this.#lines.close();
    this.#memories.close();
  }

  #flush = (): void => {
    this.#flushing = false;
    const group = this.#waiting;
    if (group.length === 0) return;
    this.#waiting = [];
    const at = new Date().toISOString();
    const fresh: { provider: string; line: string }[] = [];
    let seq = this.#seq;
    let lines = '';
    let memories = '';
    for (const { acceptances, memory } of group) {
      for (const acceptance of acceptances) {
        const line = ledgerLine(++seq, at, acceptance);
        fresh.push({ provider: acceptance.provider, line });
        lines += `${line}\n`;
      }
      if (memory !== undefined) memories += `${JSON.stringify({ seq, at, ...memory })}\n`;
    }
    try {
      this.#write(lines, memories);
    } catch (error) {
      for (const waiting of group) waiting.reject(error);
      return;
    }
    this.#seq = seq;
    for (const { provider, line } of fresh) {
      this.#remember(provider, line);
      this.#accepted.set(provider, (this.#accepted.get(provider) ?? 0) + 1);
    }
    for (const waiting of group) waiting.resolve();
  };

  /** Memory first: a memory without its line is thrown away at the next start, a line without its memory would be for good. */
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

  #remember(provider: string, line: string): void {
    let lines = this.#recent.get(provider);
    if (lines === undefined) this.#recent.set(provider, (lines = []));
    lines.push(line);
    // Cut in larger steps: shifting an array of 200 at every message would be most of the work.
    if (lines.length >= 2 * RECENT_PER_PROVIDER) lines.splice(0, lines.length - RECENT_PER_PROVIDER);
  }

  /** Drops memories whose acceptance never reached the file; their numbers will be given to others. */
  #forgetUnwritten(): void {
    const lines = this.#memories.tail(TAIL_BYTES);
    let size = this.#memories.size;
    while (lines.length > 0 && (JSON.parse(lines.at(-1)!) as { seq: number }).seq > this.#seq) {
      size -= Buffer.byteLength(lines.pop()!) + 1;
    }
    if (size < this.#memories.size) this.#memories.truncate(size);
  }
}

/** Field order is part of the contract: the reader finds `seq` at the start of a line. */
function ledgerLine(seq: number, at: string, entry: Acceptance): string {
  return (
    `{"seq":${seq},"at":"${at}","provider":"${entry.provider}","channel":${field(entry.channel)},"to":${field(entry.to)}` +
    `,"notification_id":${field(entry.notification_id)},"attempt_id":${field(entry.attempt_id)}` +
    `,"idempotency_key":${field(entry.idempotency_key)},"subject":${field(entry.subject)}}`
  );
}

function field(value: string | null): string {
  if (value === null) return 'null';
  return JSON.stringify(value.length > MAX_FIELD_LENGTH ? value.slice(0, MAX_FIELD_LENGTH) : value);
}
