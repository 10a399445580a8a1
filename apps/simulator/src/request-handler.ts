import type { Provider } from './behaviour.ts';
import type { Command } from './command.ts';
import type { Decider, Refuse, Verdict } from './decision.ts';
import type { Exchange } from './exchange.ts';
import type { Acceptance, Ledger, Memory } from './ledger.ts';
import { Mailbox } from './mailbox.ts';

export interface Answer {
  status: number;
  body: unknown;
  headers?: Record<string, string>;
}

/**
 * After an acceptance the simulated provider reports the outcome, as the real ones do: a signed call of the receipt
 * URL, tried a few times. In memory only: receipts that were due when the process died are lost, which also happens
 * with real providers.
 */
export interface FollowUp {
  /** @param answered the answer to the send, with the provider's message id. */
  accepted(acceptance: Acceptance, answered: { body: unknown; headers?: Record<string, string> }): void;
  close(): void;
}

/** The data a provider stores with an acceptance, and its callback once the write has succeeded or failed. */
export interface Kept {
  memory?: Memory;
  written?(): void;
  failed(): void;
}

/**
 * Completes the requests of every provider: refused, or written to the ledger and only then answered. The provider
 * files define wire formats; this file defines the sequence.
 */
export class RequestHandler {
  readonly ledger: Ledger;
  readonly mailbox = new Mailbox();
  readonly refused = new Map<string, number>();
  readonly #decider: Decider;
  readonly #silent = new Set<Exchange>();
  #inHand = 0;
  #isClosing = false;
  #whenDrained: () => void = () => {};
  readonly #followUp: FollowUp | undefined;

  constructor(ledger: Ledger, decider: Decider, followUp?: FollowUp) {
    this.ledger = ledger;
    this.#decider = decider;
    this.#followUp = followUp;
  }

  verdict(provider: Provider, command: Command, message: () => string): Verdict {
    return this.#decider.verdict(provider, command, message);
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

  /** Writes the acceptances, then answers, closes the connection or stays silent, according to the verdict. */
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

  /** Writes to the ledger; then continues with whether it was written (a full disk is also logged). */
  write(
    acceptances: readonly Acceptance[],
    memory: Memory | undefined,
    then: (isWritten: boolean) => void,
  ): void {
    this.#inHand++;
    this.ledger.accept(acceptances, memory, (error) => {
      if (error !== null) console.error(`simulator: the ledger could not be written: ${error.message}`);
      else for (const acceptance of acceptances) this.mailbox.keep(acceptance);
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

  /** Now, or after the configured latency. */
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
   * Ends the silent exchanges, which would never be answered, and resolves when all other requests are answered. The
   * caller must admit no new requests from now on.
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
