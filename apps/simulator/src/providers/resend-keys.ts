import { createHash } from 'node:crypto';
import type { Kept, RequestHandler } from '../request-handler.ts';

export interface Key {
  /** Digest of the first body with this key. */
  hash: string;
  ids: string[];
  untilMs: number;
  isPending: boolean;
}

const DAY_MS = 24 * 3_600_000;
const MAX_KEYS = 500_000;

/** Resend's idempotency keys: 24 hours, over restarts, because they are written with their acceptances. */
export class IdempotencyKeys {
  readonly #keys = new Map<string, Key>();

  constructor(handler: RequestHandler) {
    for (const memory of handler.ledger.memories('resend')) {
      const { scope, hash, ids } = memory as unknown as { scope: string; hash: string; ids: string[] };
      this.#put(scope, { hash, ids, untilMs: Date.parse(memory.at) + DAY_MS, isPending: false });
    }
  }

  /** @param scope account, endpoint and key: the same key elsewhere is another key. */
  get(scope: string): Key | undefined {
    const name = digest(scope);
    const key = this.#keys.get(name);
    if (key === undefined || key.untilMs > Date.now()) return key;
    this.#keys.delete(name);
    return undefined;
  }

  /** Reserves the key for a request in progress. */
  begin(scope: string, hash: string, ids: string[]): Kept {
    const name = digest(scope);
    const key = { hash, ids, untilMs: Date.now() + DAY_MS, isPending: true };
    this.#put(name, key);
    return {
      memory: { provider: 'resend', scope: name, hash, ids },
      written: () => {
        key.isPending = false;
      },
      failed: () => this.#keys.delete(name),
    };
  }

  #put(name: string, key: Key): void {
    this.#keys.set(name, key);
    if (this.#keys.size > MAX_KEYS) this.#keys.delete(this.#keys.keys().next().value!);
  }
}

/** The scope holds an API key, and API keys do not belong on disk. */
function digest(scope: string): string {
  return createHash('sha256').update(scope).digest('base64url');
}
