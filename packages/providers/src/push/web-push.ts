import type { PushMessage } from '@carillon/core/message';
import webPush from 'web-push';
import type { CodeTable } from '../code-table.ts';
import type { ProviderAdapter } from '../contract.ts';
import { createHttpClient, type HttpClient, type HttpClientOptions } from '../http-client.ts';
import { keepForSeconds } from '../keep-for.ts';
import { type Dialect, notSendable, outcomeOf } from '../outcome-of.ts';
import { allowedEndpoint, PUSH_SERVICES } from './push-services.ts';
import { type VapidKeys, vapidAuthorization } from './vapid.ts';

/**
 * Web Push (RFC 8030, 8291, 8292): web-push encrypts, our client sends. Class C: the `Topic` is the notification's id,
 * so a repeat replaces the first while it waits at the push service, and the same `tag` replaces it on the screen.
 */
export interface WebPushOptions extends HttpClientOptions {
  vapid: VapidKeys;
  /** How long the push service keeps a message for a browser that is away. */
  ttlSeconds?: number;
  /** Hosts beside PUSH_SERVICES that endpoints may name. */
  extraHosts?: readonly string[];
}

/** RFC 8030 has no codes of its own, only statuses. */
export const WEB_PUSH_CODES: CodeTable = {
  400: 'rejected',
  404: 'bad_recipient',
  410: 'bad_recipient',
  413: 'rejected',
};

/** What every push service must take is 4096 bytes encrypted (RFC 8291, section 4): this much of it is ours. */
const MAX_PAYLOAD_BYTES = 3993;
const TTL_SECONDS = 24 * 60 * 60;
const MAX_CLIENTS = 64;

const DIALECT: Dialect = {
  name: 'The push service',
  codes: WEB_PUSH_CODES,
  // RFC 8030 has the message's address in Location; Apple and Microsoft name theirs in headers of their own.
  messageId: ({ headers }) => headers.location ?? headers['apns-id'] ?? headers['x-wns-msg-id'],
  errorCode: () => undefined,
};

export function webPushAdapter(options: WebPushOptions): ProviderAdapter<PushMessage> {
  const { vapid, ttlSeconds = TTL_SECONDS, extraHosts = [], ...client } = options;
  const authorizationFor = vapidAuthorization(vapid);
  const allowed = [...PUSH_SERVICES, ...extraHosts];
  const clients = clientPerOrigin(client);
  return {
    provider: 'web-push',
    channel: 'push',
    guarantee: 'C',
    serves: (message) => message.channel === 'push' && 'subscription' in message.to,
    async send(message, call) {
      const { notificationId, signal, mayWrite } = call;
      if (!('subscription' in message.to)) {
        return notSendable('Web Push', 'wrong_target', 'the device is not a Web Push subscription');
      }
      const { subscription } = message.to;
      const endpoint = allowedEndpoint(subscription.endpoint, allowed);
      if (!endpoint) {
        return notSendable(
          'Web Push',
          'endpoint_not_allowed',
          'the endpoint is not https at a known push service',
        );
      }
      const payload = JSON.stringify({
        title: message.title,
        body: message.body,
        ...(message.url === undefined ? {} : { url: message.url }),
        tag: notificationId,
        notification_id: notificationId,
      });
      const size = Buffer.byteLength(payload);
      if (size > MAX_PAYLOAD_BYTES) {
        const why = `title, body and url make ${size} bytes, at most ${MAX_PAYLOAD_BYTES} fit: shorten them`;
        return notSendable('Web Push', 'payload_too_large', why);
      }
      const encrypted = encrypt(subscription, payload, keepForSeconds(call, ttlSeconds), notificationId);
      if (!encrypted) {
        return {
          ...notSendable('Web Push', 'invalid_subscription', 'the subscription has malformed keys'),
          class: 'bad_recipient',
        };
      }
      const result = await clients.at(endpoint.origin).post({
        path: endpoint.pathname + endpoint.search,
        headers: { ...encrypted.headers, authorization: authorizationFor(endpoint.origin) },
        body: encrypted.body,
        signal,
        mayWrite,
      });
      return outcomeOf(DIALECT, result);
    },
    // No probe: behind a VAPID key stand many push services, and none of them can be asked without a subscription.
    close: () => clients.close(),
  };
}

/** @returns null where the subscription's keys are no keys. */
function encrypt(
  subscription: { endpoint: string; keys: { p256dh: string; auth: string } },
  payload: string,
  ttlSeconds: number,
  notificationId: string,
): { headers: Record<string, string>; body: Buffer } | null {
  try {
    const details = webPush.generateRequestDetails(subscription, payload, {
      TTL: ttlSeconds,
      // 32 characters of base64url at most: a uuid without its dashes is exactly that.
      topic: notificationId.replaceAll('-', ''),
      vapidDetails: null,
    });
    const headers: Record<string, string> = {};
    for (const [name, value] of Object.entries(details.headers)) {
      // The client counts the bytes itself.
      if (name !== 'Content-Length') headers[name] = String(value);
    }
    return { headers, body: details.body };
  } catch {
    return null;
  }
}

/** A client per push service, the oldest given up for a new one: wildcards let others decide how many there are. */
function clientPerOrigin(options: HttpClientOptions) {
  const clients = new Map<string, HttpClient>();
  return {
    at(origin: string): HttpClient {
      let client = clients.get(origin);
      if (client) return client;
      const oldest = clients.size >= MAX_CLIENTS ? clients.entries().next().value : undefined;
      if (oldest) {
        clients.delete(oldest[0]);
        void oldest[1].close();
      }
      client = createHttpClient(origin, options);
      clients.set(origin, client);
      return client;
    },
    async close(): Promise<void> {
      await Promise.all([...clients.values()].map((client) => client.close()));
      clients.clear();
    },
  };
}
