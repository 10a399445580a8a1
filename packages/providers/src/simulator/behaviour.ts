/** How a provider behaves on order of `PUT /behaviour`, on top of what single recipients command. */
export const MODES = ['ok', 'outage', 'accept_then_drop', 'accept_then_timeout', 'throttle'] as const;
export type Mode = (typeof MODES)[number];

/** The providers the simulator speaks for, by the names used in the ledger. */
export const PROVIDERS = [
  'resend',
  'sendgrid',
  'ses',
  'smtp',
  'twilio',
  'termii',
  'fcm',
  'apns',
  'web-push',
  'generic',
] as const;
export type Provider = (typeof PROVIDERS)[number];

export interface Behaviour {
  /** A provider, or `*` for every one that has no behaviour of its own. */
  provider: Provider | '*';
  mode: Mode;
  /** Added to every answer, of acceptances and refusals alike. */
  latency_ms: number;
  /** Share of requests (0 to 1) that fail without being accepted; the mode rules the others. */
  error_rate: number;
  /** What failures answer with. In an outage: null breaks the connection unread, a number answers with it. */
  status: number | null;
  expires_at: string | null;
}

export class Behaviours {
  readonly #current = new Map<string, Behaviour>();

  set(behaviour: Behaviour): void {
    this.#current.set(behaviour.provider, behaviour);
  }

  /** Forgets one provider's behaviour, or all. */
  clear(provider?: string): void {
    if (provider === undefined) this.#current.clear();
    else this.#current.delete(provider);
  }

  /** The provider's own behaviour, else that of `*`; undefined is plain good service. */
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
