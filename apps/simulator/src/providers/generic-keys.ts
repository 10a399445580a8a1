import type { Ledger, LedgerLine } from '../ledger.ts';
import type { Kept } from '../request-handler.ts';

const MAX_KEYS_PER_GENERATION = 250_000;

/**
 * The keys that the generic provider has accepted: at least the newest 250,000, read from the ledger at startup. Two
 * generations instead of one set with eviction: eviction costs nothing on the hot path.
 */
export class GenericKeys {
  readonly #ledger: Ledger;
  /** Key -> the ledger's turn in which it was accepted. */
  #young = new Map<string, number>();
  #old = new Map<string, number>();

  constructor(ledger: Ledger) {
    this.#ledger = ledger;
    for (const line of ledger.latest()) {
      if (!line.includes('"provider":"generic"')) continue;
      const { idempotency_key } = JSON.parse(line) as LedgerLine;
      if (idempotency_key !== null) this.#put(idempotency_key, -1);
    }
  }

  /** `pending`: accepted in this very turn, its line is not in the file yet. */
  state(key: string): 'new' | 'pending' | 'accepted' {
    const turn = this.#young.get(key) ?? this.#old.get(key);
    if (turn === undefined) return 'new';
    return turn === this.#ledger.turn ? 'pending' : 'accepted';
  }

  begin(key: string): Kept {
    this.#put(key, this.#ledger.turn);
    return {
      failed: () => {
        this.#young.delete(key);
        this.#old.delete(key);
      },
    };
  }

  #put(key: string, turn: number): void {
    if (this.#young.size >= MAX_KEYS_PER_GENERATION) {
      this.#old = this.#young;
      this.#young = new Map();
    }
    this.#young.set(key, turn);
  }
}
