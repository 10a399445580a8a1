import type { PushMessage } from '@carillon/core/notification/message';
import webPush from 'web-push';
import type { ProviderAdapter } from '../contract.ts';
import { createHttpClient, type HttpClient, type HttpClientOptions } from '../http/http-client.ts';
import type { CodeTable } from '../outcome/code-table.ts';
import { type Dialect, notSendable, parseResponse } from '../outcome/parse-response.ts';
import { remainingTtlSeconds } from '../outcome/ttl.ts';
import { allowedEndpoint, PUSH_SERVICES } from './push-services.ts';
import { type VapidKeys, vapidAuthorization } from './vapid.ts';

/**
 * Web Push (RFC 8030, 8291, 8292): web-push encrypts, the HTTP client of this package sends. Class C: the `Topic` is
 * the notification's id, so a repeat replaces the first while it waits at the push service, and the same `tag` replaces
 * it on the screen.
 */
export interface WebPushOptions extends HttpClientOptions {
  vapid: VapidKeys;
  /** How long the push service keeps a message for an offline browser. */
  ttlSeconds?: number;
  /** Hosts in addition to PUSH_SERVICES that endpoints may have. */
  extraHosts?: readonly string[];
}

/**
 * RFC 8030 has no codes of its own, only statuses; Apple and some others name a reason. A 403 is about the
 * subscription: it was made for another key (RFC 8292, section 4.2). A 401 is about the account's key or the local
 * clock, and so are Apple's reasons about the token.
 * https://developer.apple.com/documentation/usernotifications/sending-web-push-notifications-in-web-apps-and-browsers
 * https://mozilla-push-service.readthedocs.io/en/latest/http.html#error-codes
 * https://learn.microsoft.com/windows/apps/develop/notifications/push-notifications/push-request-response-headers
 */
export const WEB_PUSH_CODES: CodeTable = {
  400: 'rejected',
  401: 'misconfigured',
  403: 'bad_recipient',
  404: 'bad_recipient',
  // WNS: this channel has had too many messages for now.
  406: 'throttled',
  410: 'bad_recipient',
  // WNS: the device is not connected now.
  412: 'transient',
  413: 'rejected',
  VapidPkHashMismatch: 'bad_recipient',
  BadDeviceToken: 'bad_recipient',
  Unregistered: 'bad_recipient',
  ExpiredToken: 'bad_recipient',
  DeviceTokenNotForTopic: 'bad_recipient',
  BadAuthorizationHeader: 'misconfigured',
  BadJwtToken: 'misconfigured',
  ExpiredJwtToken: 'misconfigured',
  ExpiredProviderToken: 'misconfigured',
  InvalidProviderToken: 'misconfigured',
  BadWebPushTopic: 'rejected',
  BadTtl: 'rejected',
  BadUrgency: 'rejected',
  PayloadTooLarge: 'rejected',
  TooManyRequests: 'throttled',
  TooManyProviderTokenUpdates: 'throttled',
};

/** Every push service must accept 4096 encrypted bytes (RFC 8291, section 4): this much of it is payload. */
const MAX_PAYLOAD_BYTES = 3993;
const TTL_SECONDS = 24 * 60 * 60;
const MAX_CLIENTS = 64;

const DIALECT: Dialect = {
  name: 'The push service',
  codes: WEB_PUSH_CODES,
  // RFC 8030 has the message's URL in Location; Apple and Microsoft use headers of their own.
  messageId: ({ headers }) => headers.location ?? headers['apns-id'] ?? headers['x-wns-msg-id'],
  errorCode: (_, body) => body?.reason,
};

/** RFC 8030, section 5.3: wakes a sleeping device. */
const URGENCY = { critical: 'high', normal: 'normal', bulk: 'low' } as const;

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
      const { notificationId, signal, mayWrite, priority = 'normal' } = call;
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
      const { sound, badge, data } = message.options ?? {};
      const payload = JSON.stringify({
        title: message.title,
        body: message.body,
        ...(message.url === undefined ? {} : { url: message.url }),
        ...(sound === null ? { silent: true } : {}),
        ...(badge === undefined ? {} : { badge }),
        ...(data === undefined ? {} : { data }),
        tag: notificationId,
        notification_id: notificationId,
      });
      const size = Buffer.byteLength(payload);
      if (size > MAX_PAYLOAD_BYTES) {
        const why = `title, body, url and data make ${size} bytes, at most ${MAX_PAYLOAD_BYTES} fit: shorten them`;
        return notSendable('Web Push', 'payload_too_large', why);
      }
      const encrypted = encrypt(subscription, payload, remainingTtlSeconds(call, ttlSeconds), notificationId);
      if (!encrypted) {
        return {
          ...notSendable('Web Push', 'invalid_subscription', 'the subscription has malformed keys'),
          class: 'bad_recipient',
        };
      }
      const result = await clients.at(endpoint.origin).post({
        path: endpoint.pathname + endpoint.search,
        headers: {
          ...encrypted.headers,
          Urgency: URGENCY[priority],
          authorization: authorizationFor(endpoint.origin),
        },
        body: encrypted.body,
        signal,
        mayWrite,
      });
      return parseResponse(DIALECT, result);
    },
    // No probe: one VAPID key serves many push services, and none of them can be queried without a subscription.
    close: () => clients.close(),
  };
}

/** @returns null if the subscription's keys are invalid. */
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

/** A client per push service, the oldest closed for a new one: with wildcards their number is not fixed. */
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
