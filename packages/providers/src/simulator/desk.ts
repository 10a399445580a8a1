import type { Provider } from './behaviour.ts';
import type { Command } from './command.ts';
import type { Exchange } from './exchange.ts';
import type { Judge, Refuse, Verdict } from './judge.ts';
import type { Acceptance, Ledger, Memory } from './ledger.ts';
import { Letters } from './letters.ts';
import type { FollowUp } from './receipts/follow-up.ts';

export interface Answer {
  status: number;
  body: unknown;
  headers?: Record<string, string>;
}

/** What a provider remembers with an acceptance, and what it does once that is certain either way. */
export interface Kept {
  memory?: Memory;
  written?(): void;
  failed(): void;
}

/**
 * Where every provider's requests end: refused, or written to the ledger and only then answered. The provider files
 * know wire formats; this knows the order of things.
 */
export class Desk {
  readonly ledger: Ledger;
  readonly letters = new Letters();
  readonly refused = new Map<string, number>();
  readonly #judge: Judge;
  readonly #silent = new Set<Exchange>();
  #inHand = 0;
  #isClosing = false;
  #whenDrained: () => void = () => {};
  readonly #followUp: FollowUp | undefined;

  constructor(ledger: Ledger, judge: Judge, followUp?: FollowUp) {
    this.ledger = ledger;
    this.#judge = judge;
    this.#followUp = followUp;
  }

  verdict(provider: Provider, command: Command, message: () => string): Verdict {
    return this.#judge.verdict(provider, command, message);
  }

  /** Counts a request that was not accepted, whatever the reason. */
  countRefusal(provider: Provider): void {
    this.refused.set(provider, (this.refused.get(provider) ?? 0) + 1);
  }

  /** Answers without accepting. */
  refuse(exchange: Exchange, provider: Provider, answer: Answer, verdict?: Refuse): void {
    this.countRefusal(provider);
    const retryAfter = verdict?.retryAfterSeconds ?? null;
    const headers =
      retryAfter === null ? answer.headers : { ...answer.headers, 'retry-after': String(retryAfter) };
    this.after(verdict?.delayMs ?? 0, () => exchange.json(answer.status, answer.body, headers));
  }

  /** Writes the acceptances, then answers, kills the connection or says nothing, as the verdict wants it. */
  accept(
    exchange: Exchange,
    verdict: Verdict & { kind: 'accept' },
    acceptances: readonly Acceptance[],
    answer: () => Answer,
    kept?: Kept,
  ): void {
    this.write(acceptances, kept?.memory, (isWritten) => {
      if (isWritten) {
        kept?.written?.();
        for (const acceptance of acceptances) this.#followUp?.accepted(acceptance, answer());
        this.finish(exchange, verdict, answer);
      } else {
        kept?.failed();
        exchange.text(500, 'The ledger could not be written; nothing was accepted.');
      }
    });
  }

  /** To the ledger; then on with whether it was written (a full disk also goes to the log). */
  write(
    acceptances: readonly Acceptance[],
    memory: Memory | undefined,
    then: (isWritten: boolean) => void,
  ): void {
    this.#inHand++;
    this.ledger.accept(acceptances, memory, (error) => {
      if (error !== null) console.error(`simulator: the ledger could not be written: ${error.message}`);
      else for (const acceptance of acceptances) this.letters.keep(acceptance);
      then(error === null);
      this.#release();
    });
  }

  /** Ends an exchange whose acceptance is written (or was, for a repeated idempotency key). */
  finish(exchange: Exchange, { finish, delayMs }: Verdict & { kind: 'accept' }, answer: () => Answer): void {
    this.after(delayMs, () => {
      if (finish === 'answer') {
        const { status, body, headers } = answer();
        if (body === undefined) exchange.empty(status, headers);
        else exchange.json(status, body, headers);
      } else if (finish === 'drop' || this.#isClosing) {
        exchange.sever();
      } else {
        this.#keepSilent(exchange);
      }
    });
  }

  /** Now, or when an ordered latency has passed. */
  after(delayMs: number, act: () => void): void {
    if (delayMs <= 0) {
      act();
      return;
    }
    this.#inHand++;
    setTimeout(() => {
      act();
      this.#release();
    }, delayMs);
  }

  get isClosing(): boolean {
    return this.#isClosing;
  }

  /**
   * Ends the silences, which nobody would ever answer, and resolves when everything else in hand is answered. From now
   * on the caller must let nothing new in.
   */
  async close(): Promise<void> {
    this.#isClosing = true;
    for (const exchange of this.#silent) exchange.sever();
    if (this.#inHand > 0) {
      await new Promise<void>((resolve) => {
        this.#whenDrained = resolve;
      });
    }
  }

  #release(): void {
    if (--this.#inHand === 0) this.#whenDrained();
  }

  #keepSilent(exchange: Exchange): void {
    this.#silent.add(exchange);
    exchange.response.once('close', () => this.#silent.delete(exchange));
  }
}
