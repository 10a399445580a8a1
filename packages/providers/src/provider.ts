import type { Channel } from '@carillon/core/notification/channel';
import type { Environment } from '@carillon/core/notification/environment';
import type { GuaranteeClass } from '@carillon/core/provider/guarantee';
import type { z } from 'zod';
import type { common } from './accounts/account-fields.ts';
import type { ProviderAdapter } from './contract.ts';
import type { HttpClientOptions } from './http/http-client.ts';
import type { MayWrite } from './http/may-write.ts';
import type { ReceiptReader } from './receipts/reader.ts';

/**
 * Everything that the rest of the product needs from a provider. The operations of an account (send, look up, query
 * reports, probe) are in the adapter that `connect` returns; it is imported only then, because API and dashboard read
 * the definitions and must not load the providers' SDKs.
 */
export interface Provider<Schema extends AccountSchema = AccountSchema, Id extends string = string> {
  /** `resend`, `web-push`: as in the ledger and in receipt URLs. */
  readonly id: Id;
  /** Its name for people: `Amazon SES`. */
  readonly title: string;
  /** A function if it depends on the account. */
  readonly channel: Channel | ((account: z.output<Schema>) => Channel);
  readonly guarantee: GuaranteeClass;
  /** The default order of its accounts in their channel; lower is tried first. */
  readonly order: number;
  /** The fields of an account, in display order. */
  readonly settings: Schema;
  /** Fields that are sealed in addition to `credentials` and `receipts`, and their form names. */
  readonly sealed?: Readonly<Record<string, SealedField>>;
  /** The credential fields keep the provider's names, whatever the spelling of the others. */
  readonly credentialsAsIssued?: true;
  /** Whether credentials are always sent encrypted. By default they are, or it depends on the URL. */
  readonly isAlwaysEncrypted?: (account: { host: string }) => boolean;
  readonly receipts?: ProviderReceipts<z.output<Schema>>;
  /** @throws if a key of the account is malformed. */
  connect(account: z.output<Schema>, deps: ConnectDeps): Promise<ProviderAdapter>;
}

/** Any provider: callers of its functions pass an account parsed by its schema. */
// biome-ignore lint/suspicious/noExplicitAny: the schemas of several providers have no common supertype that takes accounts.
export type AnyProvider = Provider<any>;

export interface SealedField {
  title: string;
  hint: string;
}

export interface ProviderReceipts<Account> {
  readonly reader: ReceiptReader;
  /** Account secrets that also sign receipts; tried after `receipts.secrets`. */
  readonly ownSecrets?: (account: Account) => string[];
}

/** The schema of an account: every one has the common fields and its provider. */
export type AccountSchema = z.ZodObject<typeof common & { provider: z.ZodLiteral<string> }>;

/** The inputs of an adapter besides its account. */
export interface ConnectDeps {
  /** Connection settings of the account. */
  client: HttpClientOptions;
  /**
   * Stores an in-app message; storing the same notification twice stores it once.
   *
   * @param mayWrite called when the statement is about to be sent.
   * @returns whether it was stored; false unless `mayWrite` returned true.
   */
  storeInboxMessage(entry: InboxEntry, mayWrite?: MayWrite): Promise<boolean>;
  /**
   * The time that signatures and assertions carry, in ms since the epoch. A worker gives PostgreSQL's: with a wrong
   * clock of its own, a provider would refuse the account, and its breaker would open for all workers.
   */
  now: () => number;
}

/** A message for the in-app inbox, as it is stored. */
export interface InboxEntry {
  notificationId: string;
  appId: string;
  environment: Environment;
  recipientId: string;
  title: string;
  body: string;
  url: string | null;
}

/** Declares a provider: its folder's index exports this, and providers.ts lists it. */
export function defineProvider<const Id extends string, Schema extends AccountSchema>(
  provider: Provider<Schema, Id> & { settings: Schema },
): Provider<Schema, Id> {
  return provider;
}

/** Drops undefined options: an absent option is not the same as an undefined one. */
export function defined<T extends object>(options: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]?: Exclude<T[K], undefined>;
  };
}
