import type { ProviderId } from '@carillon/providers/providers';

/** A provider's behaviour as set by `PUT /behaviour`, in addition to the commands of single recipients. */
export const MODES = ['ok', 'outage', 'accept_then_drop', 'accept_then_timeout', 'throttle'] as const;
export type Mode = (typeof MODES)[number];

/** The simulated providers, by the names used in the ledger. The inbox is a table of Carillon and is not simulated. */
export type Provider = Exclude<ProviderId, 'inbox'>;

export interface Behaviour {
  /** A provider, or `*` for every one that has no behaviour of its own. */
  provider: Provider | '*';
  mode: Mode;
  /** Added to every answer, of acceptances and refusals alike. */
  latency_ms: number;
  /** Share of requests (0 to 1) that fail without being accepted; the mode applies to the others. */
  error_rate: number;
  /** The status of failures. In an outage: null breaks the connection unread, a number answers with it. */
  status: number | null;
  /** The provider's error code in failures, in addition to the status: see `CODE_IS` in simulated.ts. */
  code?: string;
  expires_at: string | null;
}

export class Behaviours {
  readonly #current = new Map<string, Behaviour>();

  set(behaviour: Behaviour): void {
    this.#current.set(behaviour.provider, behaviour);
  }

  /** Clears one provider's behaviour, or all. */
  clear(provider?: string): void {
    if (provider === undefined) this.#current.clear();
    else this.#current.delete(provider);
  }

  /** The provider's own behaviour, else that of `*`; undefined means normal service. */
  of(provider: Provider): Behaviour | undefined {
    if (this.#current.size === 0) return undefined;
    return this.#living(provider) ?? this.#living('*');
  }

  all(): Behaviour[] {
    return [...this.#current.keys()].flatMap((provider) => this.#living(provider) ?? []);
  }

  #living(provider: string): Behaviour | undefined {
    const behaviour = this.#current.get(provider);
    if (behaviour?.expires_at == null || Date.parse(behaviour.expires_at) > Date.now()) return behaviour;
    this.#current.delete(provider);
    return undefined;
  }
}
