import type { Environment } from '@carillon/core/notification/environment';
import type { ProviderAccount } from '../contract.ts';
import { readCaFile } from '../http/ca-file.ts';
import type { HttpClientOptions } from '../http/http-client.ts';
import { type ConnectDeps, defined } from '../provider.ts';
import { definitionOf } from '../providers.ts';
import type { AccountSettings } from './account-settings.ts';

/**
 * Turns the settings of provider accounts into accounts that can send. A channel's accounts are tried by `order`; its
 * adapter's `serves` says whether an account fits a message.
 */
export type { InboxEntry } from '../provider.ts';
export { AccountSettings, type AccountSettingsInput, parseAccounts } from './account-settings.ts';

export interface RegisteredAccount extends ProviderAccount {
  environments: readonly Environment[];
  /** Accounts of the same order share their traffic by weight. */
  weight: number;
  /** SMS: prefixes of the numbers it serves; undefined is all. */
  prefixes?: readonly string[];
  /** The host that is called, where the account names it. */
  server?: string;
}

/** Inputs of adapters that are not in their accounts. */
export type RegistryDeps = Pick<ConnectDeps, 'storeInboxMessage'> & Partial<Pick<ConnectDeps, 'now'>>;

/**
 * Connects the accounts. The code of a provider, with its SDK, is loaded when its first account is connected.
 *
 * @returns the accounts, sorted by order (then as given).
 * @throws if a CA file cannot be read or a key is malformed, naming the account.
 */
export async function buildAccounts(
  settings: readonly AccountSettings[],
  deps: RegistryDeps,
): Promise<RegisteredAccount[]> {
  const accounts = await Promise.all(settings.map((account) => register(account, deps)));
  return accounts.sort((a, b) => a.order - b.order);
}

async function register(account: AccountSettings, deps: RegistryDeps): Promise<RegisteredAccount> {
  const { id, provider, environments, order, weight, prefixes, ratePerSecond } = account;
  const definition = definitionOf(provider);
  try {
    return {
      id,
      adapter: await definition.connect(account, {
        now: Date.now,
        ...deps,
        client: clientOptions(account),
      }),
      environments,
      order: order ?? definition.order,
      weight: weight ?? 1,
      ...(prefixes === undefined ? {} : { prefixes }),
      ...(ratePerSecond === undefined ? {} : { ratePerSecond }),
      ...serverOf(account),
    };
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new Error(`provider account ${id} cannot be used: ${why}`, { cause: error });
  }
}

function serverOf(account: AccountSettings): { server?: string } {
  const { baseUrl, host }: { baseUrl?: string | undefined; host?: string | undefined } = {
    baseUrl: undefined,
    host: undefined,
    ...account,
  };
  const server = baseUrl === undefined ? host : URL.parse(baseUrl)?.hostname;
  return server ? { server } : {};
}

function clientOptions(account: AccountSettings): HttpClientOptions {
  const ca = account.caFile === undefined ? undefined : readCaFile(account.caFile);
  const { host, port }: { host?: string | undefined; port?: number | undefined } = {
    host: undefined,
    ...account,
  };
  const dial = host === undefined || port === undefined ? undefined : { host, port };
  return defined({ ca, dial });
}
