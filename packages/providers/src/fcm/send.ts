import type { PushMessage } from '@carillon/core/notification/message';
import type { NotAccepted } from '@carillon/core/provider/outcome';
import { type App, deleteApp, initializeApp } from 'firebase-admin/app';
import { type Message as FcmMessage, getMessaging, type Messaging } from 'firebase-admin/messaging';
import type { Call, ProviderAdapter } from '../contract.ts';
import {
  createHttpClient,
  HTTP_CONNECTIONS,
  type HttpClient,
  type HttpClientOptions,
} from '../http/http-client.ts';
import { carry, throughSdk } from '../http/sdk-exchange.ts';
import { deadlinePassed, failureOutcome } from '../outcome/call-failure.ts';
import { type Dialect, explain, notSendable, parseResponse } from '../outcome/parse-response.ts';
import { probeOf } from '../outcome/probe-of.ts';
import { remainingTtlSeconds, secondsAhead } from '../outcome/ttl.ts';
import { FCM_CODES, fcmErrorCode } from './codes.ts';
import { type ServiceAccount, serviceAccountTokens, TokenRefused, type TokenSource } from './token.ts';

/**
 * Firebase Cloud Messaging (HTTP v1), by firebase-admin. Class C: the notification's id is tag and collapse key, so a
 * repeat replaces the first in the tray, and `data.notification_id` lets an app drop it.
 */
export interface FcmOptions extends HttpClientOptions {
  serviceAccount: ServiceAccount;
  /** Milliseconds since the epoch; default this machine's clock. */
  now?: () => number;
}

/** Hard-coded in firebase-admin too; `dial` and `ca` point it at a local server. */
const ORIGIN = 'https://fcm.googleapis.com';
/** The wait that FCM asks for without a Retry-After. https://firebase.google.com/docs/cloud-messaging/scale-fcm */
const THROTTLED_WAIT_MS = 60_000;
/**
 * The longest time that FCM keeps a message.
 * https://firebase.google.com/docs/cloud-messaging/customize-messages/setting-message-lifespan
 */
const MAX_TTL_SECONDS = 28 * 24 * 60 * 60;
/**
 * 4096 bytes with everything that FCM adds, and what it adds is not documented (others measured 45 and 6 per field).
 * FCM answers an oversized message like a bad token, so there is a margin: no device is disabled because of a long
 * text. https://firebase.google.com/docs/cloud-messaging/concept-options
 */
const MAX_PAYLOAD_BYTES = 4000;

const DIALECT: Dialect = {
  name: 'FCM',
  codes: FCM_CODES,
  messageId: (_, body) => body?.name,
  errorCode: (_, body) => fcmErrorCode(body),
};

let apps = 0;

export function fcmAdapter({ serviceAccount, now, ...client }: FcmOptions): ProviderAdapter<PushMessage> {
  const http = createHttpClient(ORIGIN, client);
  const tokens = serviceAccountTokens(serviceAccount, client.ca === undefined ? {} : { ca: client.ca }, now);
  const app = initializeApp(
    { projectId: serviceAccount.project_id, credential: { getAccessToken: () => tokens.get() } },
    `carillon-${++apps}`,
  );
  const messaging = onOurWire(getMessaging(app), http);
  return {
    provider: 'fcm',
    channel: 'push',
    guarantee: 'C',
    atOnce: HTTP_CONNECTIONS,
    serves: (message) => message.channel === 'push' && 'fcm_token' in message.to,
    async send(message, call) {
      if (!('fcm_token' in message.to)) {
        return notSendable('FCM', 'wrong_target', 'the device has no FCM token');
      }
      const fcmMessage = compose(message.to.fcm_token, message, call);
      const { notification, data } = fcmMessage;
      const size = Buffer.byteLength(JSON.stringify({ notification, data }));
      if (size > MAX_PAYLOAD_BYTES) {
        const why = `title, body, url and data make ${size} bytes, at most ${MAX_PAYLOAD_BYTES} fit: shorten them`;
        return notSendable('FCM', 'payload_too_large', why);
      }
      const accessToken = await tokenInTime(tokens, call.signal);
      if (typeof accessToken !== 'string') return accessToken;
      const result = await throughSdk(call, () => messaging.send(fcmMessage), {
        authorization: `Bearer ${accessToken}`,
      });
      if (result.phase === 'not_composed') {
        return notSendable('FCM', 'invalid_message', 'its SDK could not compose this message');
      }
      const outcome = parseResponse(DIALECT, result);
      if (outcome.class === 'misconfigured') tokens.forget();
      return outcome.class === 'throttled' ? { retryAfterMs: THROTTLED_WAIT_MS, ...outcome } : outcome;
    },
    async probe(signal) {
      const accessToken = await tokenInTime(tokens, signal);
      if (typeof accessToken !== 'string') return { healthy: false, why: accessToken.message };
      const result = await http.post({
        path: `/v1/projects/${serviceAccount.project_id}/messages:send`,
        headers: { authorization: `Bearer ${accessToken}`, 'content-type': 'application/json' },
        body: PROBE,
        signal,
      });
      // An answer about the device token proves that the account was accepted.
      return probeOf('FCM', result, [400, 404]);
    },
    close: () => closeAll(app, http, tokens),
  };
}

/** RFC 8030, section 5.3: wakes a sleeping device. */
const URGENCY = { critical: 'high', normal: 'normal', bulk: 'low' } as const;

/** Checked and not sent. https://firebase.google.com/docs/reference/fcm/rest/v1/projects.messages/send */
const PROBE = JSON.stringify({ validate_only: true, message: { token: 'carillon-probe' } });

function compose(token: string, { title, body, url, options }: PushMessage, call: Call): FcmMessage {
  const { notificationId, attemptId, priority = 'normal' } = call;
  const { sound = 'default', badge, data } = options ?? {};
  // By default FCM keeps a message for four weeks.
  const seconds = call.expiresAt === undefined ? null : remainingTtlSeconds(call, MAX_TTL_SECONDS);
  return {
    token,
    notification: { title, body },
    data: {
      ...data,
      notification_id: notificationId,
      attempt_id: attemptId,
      ...(url === undefined ? {} : { url }),
    },
    android: {
      collapseKey: notificationId,
      // FCM's own default for visible messages is high.
      priority: priority === 'bulk' ? 'normal' : 'high',
      ...(seconds === null ? {} : { ttl: seconds * 1000 }),
      notification: {
        tag: notificationId,
        ...(sound === null ? {} : sound === 'default' ? { defaultSound: true } : { sound }),
        ...(badge === undefined ? {} : { notificationCount: badge }),
      },
    },
    apns: {
      payload: {
        aps: { ...(sound === null ? {} : { sound }), ...(badge === undefined ? {} : { badge }) },
      },
      headers: {
        'apns-collapse-id': notificationId,
        'apns-priority': priority === 'bulk' ? '5' : '10',
        ...(seconds === null ? {} : { 'apns-expiration': secondsAhead(call, seconds) }),
      },
    },
    webpush: {
      headers: { Urgency: URGENCY[priority], ...(seconds === null ? {} : { TTL: String(seconds) }) },
      notification: { tag: notificationId, ...(sound === null ? { silent: true } : {}) },
      ...(url?.startsWith('https://') ? { fcmOptions: { link: url } } : {}),
    },
  };
}

/**
 * Without a token FCM was not called, so every failure here is certain. @returns the token, or the outcome of the send.
 */
async function tokenInTime(tokens: TokenSource, signal: AbortSignal): Promise<string | NotAccepted> {
  let onAbort = () => {};
  const deadline = new Promise<never>((_, reject) => {
    onAbort = () => reject(deadlinePassed(signal));
    if (signal.aborted) onAbort();
    signal.addEventListener('abort', onAbort, { once: true });
  });
  try {
    return (await Promise.race([tokens.get(), deadline])).access_token;
  } catch (error) {
    if (!(error instanceof TokenRefused)) return failureOutcome("Google's token endpoint", error, 'started');
    const ours = error.status >= 400 && error.status < 500 && error.status !== 429;
    const outcome = ours ? 'misconfigured' : 'transient';
    const message = explain(outcome, "Google's token endpoint", `HTTP ${error.status}`);
    return { class: outcome, code: 'no_access_token', phase: 'started', message };
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
}

/**
 * firebase-admin repeats a send up to four times on 503, ECONNRESET and ETIMEDOUT, waits as long as Retry-After says,
 * and has no switch for it: the retry lives in the HTTP client that its request handler holds. So that client is
 * replaced by the HTTP client of this package. The handler is a private field: if a new version moves it, this fails at
 * start, and the contract suite verifies that one send is one request.
 */
function onOurWire(messaging: Messaging, http: HttpClient): Messaging {
  const handler: unknown = Reflect.get(messaging, 'messagingRequestHandler');
  const replaceable =
    typeof handler === 'object' && handler !== null && hasSend(Reflect.get(handler, 'httpClient'));
  if (!replaceable) {
    throw new Error(
      'firebase-admin keeps its HTTP client elsewhere than in 14.5.1, so its hidden retries cannot be turned off: pin 14.5.1.',
    );
  }
  Reflect.set(handler, 'httpClient', {
    async send(request: { url: string; headers: Record<string, string>; data: unknown }) {
      await carry(http, {
        path: new URL(request.url).pathname,
        headers: { ...request.headers, 'content-type': 'application/json' },
        body: JSON.stringify(request.data),
      });
      return { isJson: () => true, data: {} };
    },
  });
  return messaging;
}

function hasSend(client: unknown): boolean {
  return typeof client === 'object' && client !== null && typeof Reflect.get(client, 'send') === 'function';
}

async function closeAll(app: App, http: HttpClient, tokens: TokenSource): Promise<void> {
  await Promise.all([deleteApp(app), http.close(), tokens.close()]);
}
