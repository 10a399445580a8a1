import { readFileSync } from 'node:fs';
import type { Environment } from '@carillon/core/environment';
import type { AccountSettings } from './account-settings.ts';
import type { ProviderAccount, ProviderAdapter } from './contract.ts';
import { resendAdapter } from './email/resend.ts';
import { sendgridAdapter } from './email/sendgrid.ts';
import { sesAdapter } from './email/ses.ts';
import { smtpAdapter } from './email/smtp.ts';
import { genericAdapter } from './http/generic.ts';
import type { HttpClientOptions } from './http-client.ts';
import { inboxAdapter } from './in-app/inbox.ts';
import { apnsAdapter } from './push/apns.ts';
import { fcmAdapter } from './push/fcm.ts';
import { webPushAdapter } from './push/web-push.ts';
import { DEFAULT_POSITION } from './sealed-account.ts';
import { termiiAdapter } from './sms/termii.ts';
import { twilioAdapter } from './sms/twilio.ts';

/**
 * From the settings of provider accounts to accounts that can send. The order in which a channel's accounts are tried
 * comes from `order`; whether one fits a message says its adapter's `serves`.
 */
export { AccountSettings, type AccountSettingsInput, parseAccounts } from './account-settings.ts';
export { simulatorAccounts } from './simulator-accounts.ts';

export interface RegisteredAccount extends ProviderAccount {
  environments: readonly Environment[];
  /** Accounts of the same order share their traffic by weight. */
  weight: number;
  /** SMS: beginnings of the numbers it serves; undefined is all. */
  prefixes?: readonly string[];
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

/**
 * @returns the accounts, sorted by order (then as given).
 * @throws if a CA file cannot be read or a key is malformed, naming the account.
 */
export function buildAccounts(settings: readonly AccountSettings[], deps: RegistryDeps): RegisteredAccount[] {
  return settings.map((account) => register(account, deps)).sort((a, b) => a.order - b.order);
}

function register(account: AccountSettings, deps: RegistryDeps): RegisteredAccount {
  const { id, provider, environments, order, weight, prefixes, ratePerSecond } = account;
  try {
    return {
      id,
      adapter: adapterOf(account, deps),
      environments,
      order: order ?? DEFAULT_POSITION[provider],
      weight: weight ?? 1,
      ...(prefixes === undefined ? {} : { prefixes }),
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
    case 'sendgrid': {
      const { credentials, from, emailActivity, lookupSettlesMs, baseUrl } = account;
      const optional = defined({ emailActivity, lookupSettlesMs, baseUrl });
      return sendgridAdapter({ ...client, ...credentials, from, ...optional });
    }
    case 'ses': {
      const { credentials, region, from, configurationSetName, baseUrl } = account;
      const { accessKeyId, secretAccessKey, sessionToken } = credentials;
      return sesAdapter({
        ...client,
        credentials: { accessKeyId, secretAccessKey, ...defined({ sessionToken }) },
        region,
        from,
        ...defined({ configurationSetName, baseUrl }),
      });
    }
    case 'smtp': {
      const { from, host, port, credentials: auth, secure, requireTls, maxConnections, dkim } = account;
      const { ca } = client;
      const optional = { auth, ca, secure, requireTls, maxConnections, dkim };
      return smtpAdapter({ from, host, port, ...defined(optional) });
    }
    case 'twilio': {
      const { id, credentials, from, messagingServiceSid, validitySeconds } = account;
      const { callbackBaseUrl, lookupSettlesMs, baseUrl } = account;
      const callbackUrl = callbackBaseUrl && `${callbackBaseUrl.replace(/\/$/, '')}/v1/receipts/twilio/${id}`;
      const optional = {
        from,
        messagingServiceSid,
        validitySeconds,
        callbackUrl,
        lookupSettlesMs,
        baseUrl,
      };
      return twilioAdapter({ ...client, ...credentials, ...defined(optional) });
    }
    case 'termii': {
      const { credentials, from, route, lookupSettlesMs, baseUrl } = account;
      return termiiAdapter({
        ...client,
        ...credentials,
        from,
        ...defined({ route, lookupSettlesMs, baseUrl }),
      });
    }
    case 'fcm':
      return fcmAdapter({ ...client, serviceAccount: account.credentials });
    case 'apns': {
      const { credentials, topic, sandbox, ttlSeconds } = account;
      return apnsAdapter({ ...client, key: credentials, topic, ...defined({ sandbox, ttlSeconds }) });
    }
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
  const { provider } = account;
  const dialled = provider === 'fcm' || provider === 'apns' || provider === 'web-push';
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
