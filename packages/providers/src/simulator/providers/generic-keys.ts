import type { Kept } from '../desk.ts';
import type { Ledger, LedgerLine } from '../ledger.ts';

const MAX_KEYS_PER_GENERATION = 250_000;

/**
 * The keys the generic provider has accepted: the newest 250,000 at least, read back from the ledger at the start.
 * Two generations instead of one set with eviction: forgetting costs nothing on the hot path.
 */
export class GenericKeys {
  #young = new Map<string, boolean>();
  #old = new Map<string, boolean>();

  constructor(ledger: Ledger) {
    for (const line of ledger.latest()) {
      if (!line.includes('"provider":"generic"')) continue;
      const { idempotency_key } = JSON.parse(line) as LedgerLine;
      if (idempotency_key !== null) this.#put(idempotency_key, true);
    }
  }

  has(key: string): boolean {
    return this.#young.has(key) || this.#old.has(key);
  }

  /** Whether the acceptance under this key is not in the ledger yet. */
  isPending(key: string): boolean {
    return (this.#young.get(key) ?? this.#old.get(key)) === false;
  }

  begin(key: string): Kept {
    this.#put(key, false);
    return {
      written: () => this.#put(key, true),
      failed: () => {
        this.#young.delete(key);
        this.#old.delete(key);
      },
    };
  }

  #put(key: string, isWritten: boolean): void {
    if (this.#young.size >= MAX_KEYS_PER_GENERATION) {
      this.#old = this.#young;
      this.#young = new Map();
    }
    this.#young.set(key, isWritten);
  }
}
