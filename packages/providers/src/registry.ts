import { readFileSync } from 'node:fs';
import type { Environment } from '@carillon/core/environment';
import type { AccountSettings } from './account-settings.ts';
import type { ProviderAccount, ProviderAdapter } from './contract.ts';
import { resendAdapter } from './email/resend.ts';
import { smtpAdapter } from './email/smtp.ts';
import { genericAdapter } from './http/generic.ts';
import type { HttpClientOptions } from './http-client.ts';
import { inboxAdapter } from './in-app/inbox.ts';
import { fcmAdapter } from './push/fcm.ts';
import { webPushAdapter } from './push/web-push.ts';
import { twilioAdapter } from './sms/twilio.ts';

/**
 * From the settings of provider accounts to accounts that can send. The order in which a channel's accounts are tried
 * comes from `order`; whether one fits a message says its adapter's `serves`.
 */
export { AccountSettings, type AccountSettingsInput, parseAccounts } from './account-settings.ts';
export { simulatorAccounts } from './simulator-accounts.ts';

export interface RegisteredAccount extends ProviderAccount {
  environments: readonly Environment[];
}

/** A message for the in-app inbox, as it is stored. */
export interface InboxEntry {
  notificationId: string;
  appId: string;
  environment: string;
  recipientId: string;
  title: string;
  body: string;
  url: string | null;
}

export interface RegistryDeps {
  /** Stores an in-app message; storing the same notification twice stores it once. */
  storeInboxMessage(entry: InboxEntry): Promise<void>;
}

/** Lower is tried first. The generic provider is a fallback wherever there is another. */
const DEFAULT_ORDER: Readonly<Record<AccountSettings['provider'], number>> = {
  resend: 10,
  smtp: 20,
  twilio: 10,
  fcm: 10,
  'web-push': 20,
  inbox: 10,
  generic: 90,
};

/**
 * @returns the accounts, sorted by order (then as given).
 * @throws if a CA file cannot be read or a key is malformed, naming the account.
 */
export function buildAccounts(settings: readonly AccountSettings[], deps: RegistryDeps): RegisteredAccount[] {
  return settings.map((account) => register(account, deps)).sort((a, b) => a.order - b.order);
}

function register(account: AccountSettings, deps: RegistryDeps): RegisteredAccount {
  const { id, provider, environments, order, ratePerSecond } = account;
  try {
    return {
      id,
      adapter: adapterOf(account, deps),
      environments,
      order: order ?? DEFAULT_ORDER[provider],
      ...(ratePerSecond === undefined ? {} : { ratePerSecond }),
    };
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new Error(`provider account ${id} cannot be used: ${why}`, { cause: error });
  }
}

function adapterOf(account: AccountSettings, deps: RegistryDeps): ProviderAdapter {
  const client = clientOptions(account);
  switch (account.provider) {
    case 'resend': {
      const { credentials, from, baseUrl } = account;
      return resendAdapter({
        ...client,
        ...credentials,
        from,
        ...(baseUrl === undefined ? {} : { baseUrl }),
      });
    }
    case 'smtp': {
      const { from, host, port, credentials, secure, requireTls, maxConnections } = account;
      const { ca } = client;
      const auth = credentials;
      return smtpAdapter({ from, host, port, ...defined({ auth, ca, secure, requireTls, maxConnections }) });
    }
    case 'twilio': {
      const { id, credentials, from, messagingServiceSid, validitySeconds, callbackBaseUrl, baseUrl } =
        account;
      const callbackUrl = callbackBaseUrl && `${callbackBaseUrl.replace(/\/$/, '')}/v1/receipts/twilio/${id}`;
      const optional = { from, messagingServiceSid, validitySeconds, callbackUrl, baseUrl };
      return twilioAdapter({ ...client, ...credentials, ...defined(optional) });
    }
    case 'fcm':
      return fcmAdapter({ ...client, serviceAccount: account.credentials });
    case 'web-push': {
      const { credentials, ttlSeconds, extraHosts } = account;
      return webPushAdapter({ ...client, vapid: credentials, ...defined({ ttlSeconds, extraHosts }) });
    }
    case 'generic': {
      const { channel, url, credentials } = account;
      return genericAdapter({ ...client, channel, url, secret: credentials.secret });
    }
    case 'inbox':
      return inboxAdapter((message, notificationId) => {
        const { appId, environment, recipientId, title, body, url = null } = message;
        return deps.storeInboxMessage({ notificationId, appId, environment, recipientId, title, body, url });
      });
  }
}

function clientOptions(account: AccountSettings): HttpClientOptions {
  const ca = account.caFile === undefined ? undefined : readFileSync(account.caFile, 'utf8');
  const dialled = account.provider === 'fcm' || account.provider === 'web-push';
  const { host, port } = dialled ? account : {};
  const dial = host === undefined || port === undefined ? undefined : { host, port };
  return defined({ ca, dial });
}

/** Drops what is undefined: an option that is not there is not the same as one that is undefined. */
function defined<T extends object>(options: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]?: Exclude<T[K], undefined>;
  };
}
