import type { AccountSettings } from '@carillon/providers/accounts/account-settings';
import type { Provider } from './behaviour.ts';
import type { Exchange } from './exchange.ts';
import type { Acceptance } from './ledger.ts';
import type { RequestHandler } from './request-handler.ts';

/** One simulated provider: its file in providers/ exports this, and simulated.ts lists it. */
export interface SimulatedProvider {
  readonly id: Provider;
  /** The address that its accounts connect to. */
  readonly listener: 'http' | 'tls' | 'smtp';
  /** Path prefixes and their handlers; a mail server has none. */
  routes?(handler: RequestHandler): Route[];
  /** The place of a behaviour's `code` in an answer. Without it no code is accepted. */
  readonly codeIs?: string;
  readonly receipts?: SimulatedReceipts;
  /** Accounts that connect to the simulator. */
  accounts(address: SimulatorAddress): AccountSettings[];
}

export interface Route {
  prefix: string;
  handle(exchange: Exchange): void;
}

/** How a provider reports the outcome of a message. */
export interface SimulatedReceipts {
  /** The id in the answer to a send. */
  messageId(body: Record<string, unknown>, headers: Record<string, string>): unknown;
  /** @param url the called URL, for providers that sign it. */
  compose(told: Told, url: string, now: Date): ReceiptCall;
  /** The account id in the receipt URL; the provider's id by default. */
  account?(acceptance: Acceptance): string;
  /** The suffix of the receipt URL that a send requested; null if it requested no receipt. */
  query?(attemptId: string | null): string | null;
}

/** The receipt data of an accepted message. */
export interface Told {
  what: 'delivered' | 'bounced' | 'complained';
  to: string;
  attemptId: string | null;
  /** The id in the answer to its send. */
  messageId: string;
}

/** A signed call of the receipt URL, as the provider makes it. */
export interface ReceiptCall {
  headers: Record<string, string>;
  body: string;
}

export interface SimulatorAddress {
  httpUrl: string;
  tlsHost: string;
  tlsPort: number;
  /** File of the authority that signed the simulator's certificate. */
  caFile: string;
  /** `smtp://host:port` */
  smtpUrl: string;
  /**
   * The base URL for callbacks that a send requests: Carillon's API. Without it they name the simulator, only to carry
   * the attempt id.
   */
  apiUrl?: string;
}

/**
 * Common settings of the simulator's accounts: both environments use them, because even a `live` key reaches no real
 * provider.
 */
export const SIMULATED_ACCOUNT: Pick<AccountSettings, 'environments'> = { environments: ['live', 'test'] };
/** The sender of its e-mail accounts. */
export const SENDER = 'Carillon <carillon@example.com>';

/** The delay between an acceptance and its receipt. */
export const DELAY_MS = 800;

export const secondsOf = (now: Date): number => Math.floor(now.getTime() / 1000);
