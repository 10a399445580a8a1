import type { PushMessage } from '@carillon/core/message';
import type { NotAccepted } from '@carillon/core/outcome';
import { type App, deleteApp, initializeApp } from 'firebase-admin/app';
import { type Message as FcmMessage, getMessaging, type Messaging } from 'firebase-admin/messaging';
import { deadlinePassed, failureOutcome } from '../call-failure.ts';
import type { Call, ProviderAdapter } from '../contract.ts';
import {
  createHttpClient,
  HTTP_CONNECTIONS,
  type HttpClient,
  type HttpClientOptions,
} from '../http-client.ts';
import { keepForSeconds } from '../keep-for.ts';
import { type Dialect, explain, notSendable, outcomeOf } from '../outcome-of.ts';
import { probeOf } from '../probe-of.ts';
import { carry, throughSdk } from '../sdk-exchange.ts';
import { FCM_CODES, fcmErrorCode } from './fcm-codes.ts';
import { type ServiceAccount, serviceAccountTokens, TokenRefused, type TokenSource } from './fcm-token.ts';

/**
 * Firebase Cloud Messaging (HTTP v1), by firebase-admin. Class C: the notification's id is tag and collapse key, so a
 * repeat replaces the first in the tray, and `data.notification_id` lets an app drop it.
 */
export interface FcmOptions extends HttpClientOptions {
  serviceAccount: ServiceAccount;
}

/** Hard-coded in firebase-admin too; `dial` and `ca` point it at a local server. */
const ORIGIN = 'https://fcm.googleapis.com';
/** What FCM asks for when it gives no Retry-After. https://firebase.google.com/docs/cloud-messaging/scale-fcm */
const THROTTLED_WAIT_MS = 60_000;
/** As long as FCM keeps one at most. https://firebase.google.com/docs/cloud-messaging/customize-messages/setting-message-lifespan */
const MAX_TTL_SECONDS = 28 * 24 * 60 * 60;
/**
 * 4096 bytes with everything that FCM adds, and what it adds is not documented (others measured 45 and 6 per field). What
 * is too large it answers like a bad token, so room is left: nobody's device is disabled for a long text.
 * https://firebase.google.com/docs/cloud-messaging/concept-options
 */
const MAX_PAYLOAD_BYTES = 4000;

const DIALECT: Dialect = {
  name: 'FCM',
  codes: FCM_CODES,
  messageId: (_, body) => body?.name,
  errorCode: (_, body) => fcmErrorCode(body),
};

let apps = 0;

export function fcmAdapter({ serviceAccount, ...client }: FcmOptions): ProviderAdapter<PushMessage> {
  const http = createHttpClient(ORIGIN, client);
  const tokens = serviceAccountTokens(serviceAccount, client.ca === undefined ? {} : { ca: client.ca });
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
        const why = `title, body and url make ${size} bytes, at most ${MAX_PAYLOAD_BYTES} fit: shorten them`;
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
      const outcome = outcomeOf(DIALECT, result);
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
      // Whoever judges the token of a message has let the account in.
      return probeOf('FCM', result, [400, 404]);
    },
    close: () => closeAll(app, http, tokens),
  };
}

/** Checked and not sent. https://firebase.google.com/docs/reference/fcm/rest/v1/projects.messages/send */
const PROBE = JSON.stringify({ validate_only: true, message: { token: 'carillon-probe' } });

function compose(token: string, { title, body, url }: PushMessage, call: Call): FcmMessage {
  const { notificationId, attemptId } = call;
  // Unless it is told, FCM keeps a message for four weeks.
  const seconds = call.expiresAt === undefined ? null : keepForSeconds(call, MAX_TTL_SECONDS);
  return {
    token,
    notification: { title, body },
    data: { notification_id: notificationId, attempt_id: attemptId, ...(url === undefined ? {} : { url }) },
    android: {
      collapseKey: notificationId,
      ...(seconds === null ? {} : { ttl: seconds * 1000 }),
      notification: { tag: notificationId },
    },
    apns: {
      headers: {
        'apns-collapse-id': notificationId,
        ...(seconds === null ? {} : { 'apns-expiration': String(Math.floor(Date.now() / 1000) + seconds) }),
      },
    },
    webpush: {
      ...(seconds === null ? {} : { headers: { TTL: String(seconds) } }),
      notification: { tag: notificationId },
      ...(url?.startsWith('https://') ? { fcmOptions: { link: url } } : {}),
    },
  };
}

/** Without a token FCM was not asked, so every failure here is certain. @returns the token, or what the send came to. */
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
 * replaced by our wire. The handler is a private field: if a new version moves it, this fails at start, and the
 * contract suite proves that one send is one request.
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
