import { hash } from 'node:crypto';
import type { PushMessage } from '@carillon/core/notification/message';
import type { NotAccepted, Outcome } from '@carillon/core/provider/outcome';
import type { Call, Probe, ProviderAdapter } from '../contract.ts';
import type { HttpClientOptions, HttpResult } from '../http/http-client.ts';
import { type Dialect, explain, jsonObject, notSendable, parseResponse } from '../outcome/parse-response.ts';
import { probeOf } from '../outcome/probe-of.ts';
import { remainingTtlSeconds, secondsAhead } from '../outcome/ttl.ts';
import { APNS_CODES, BLAMES_TOKEN_OR_ACCOUNT } from './codes.ts';
import { type ApnsKey, type ProviderTokens, providerTokens } from './token.ts';
import { apnsWire } from './wire.ts';

/**
 * Apple Push Notification service, HTTP/2 with token authentication. Class C: the notification's id is the collapse id,
 * so a repeat replaces the first, and `notification_id` in the payload lets an app drop it.
 * https://developer.apple.com/documentation/usernotifications/sending-notification-requests-to-apns
 */
export interface ApnsOptions extends HttpClientOptions {
  key: ApnsKey;
  /** The app's bundle id. */
  topic: string;
  /** Tokens of development builds are valid only in Apple's sandbox. */
  sandbox?: boolean;
  /** How long APNs keeps a message for an offline device: it keeps one per app. */
  ttlSeconds?: number;
  /** Milliseconds since the epoch; default this machine's clock. */
  now?: () => number;
}

const PRODUCTION = 'https://api.push.apple.com';
const SANDBOX = 'https://api.sandbox.push.apple.com';
const MAX_PAYLOAD_BYTES = 4096;
const TTL_SECONDS = 24 * 60 * 60;
/** No device has this token: the answer shows whether the account is accepted. */
const UNKNOWN_DEVICE = '0'.repeat(64);

const DIALECT: Dialect = {
  name: 'APNs',
  codes: APNS_CODES,
  messageId: ({ status, headers }) => (status === 200 ? headers['apns-id'] : undefined),
  errorCode: (_, body) => body?.reason,
};

export function apnsAdapter(options: ApnsOptions): ProviderAdapter<PushMessage> {
  const { key, topic, sandbox = false, ttlSeconds = TTL_SECONDS, now, ...client } = options;
  const tokens = providerTokens(key, now);
  const wire = apnsWire(sandbox ? SANDBOX : PRODUCTION, client);
  // True once APNs has confirmed that host and topic match real tokens.
  let isProven = false;

  const post = (
    device: string,
    body: string,
    call: Pick<Call, 'signal' | 'mayWrite' | 'expiresAt' | 'now' | 'priority'>,
    ids: object,
    token: string,
  ) =>
    wire.post({
      path: `/3/device/${device}`,
      headers: {
        authorization: `bearer ${token}`,
        'apns-topic': topic,
        'apns-push-type': 'alert',
        // 5 lets the device choose the time.
        'apns-priority': call.priority === 'bulk' ? '5' : '10',
        'apns-expiration': expiration(call, remainingTtlSeconds(call, ttlSeconds)),
        ...ids,
      },
      body,
      signal: call.signal,
      mayWrite: call.mayWrite,
    });

  return {
    provider: 'apns',
    channel: 'push',
    guarantee: 'C',
    serves: (message) => message.channel === 'push' && 'apns_token' in message.to,
    async send(message, call) {
      if (!('apns_token' in message.to)) {
        return notSendable('APNs', 'wrong_target', 'the device has no APNs token');
      }
      const device = message.to.apns_token;
      if (!/^[\w.:-]{1,400}$/.test(device)) {
        return {
          ...notSendable('APNs', 'invalid_token', 'the device token is malformed'),
          class: 'bad_recipient',
        };
      }
      const body = payload(message, call);
      const size = Buffer.byteLength(body);
      if (size > MAX_PAYLOAD_BYTES) {
        const why = `title, body, url and data make ${size} bytes, at most ${MAX_PAYLOAD_BYTES} fit: shorten them`;
        return notSendable('APNs', 'payload_too_large', why);
      }
      const token = tokens.current();
      const result = await post(device, body, call, plantedIn(call), token);
      const outcome = parseResponse(DIALECT, result);
      if (outcome.class === 'accepted') {
        isProven = true;
        return outcome;
      }
      if (outcome.class === 'bad_recipient') {
        if (!BLAMES_TOKEN_OR_ACCOUNT.includes(outcome.code)) isProven = true;
        return isProven ? sinceWhen(outcome, result) : unproven(outcome);
      }
      return outcome.code === 'ExpiredProviderToken' ? expired(outcome, tokens, token) : outcome;
    },
    async probe(signal): Promise<Probe> {
      const result = await post(UNKNOWN_DEVICE, '{"aps":{}}', { signal }, {}, tokens.current());
      const reason = result.phase === 'answered' ? jsonObject(result.body)?.reason : undefined;
      return reason === 'BadDeviceToken' ? { healthy: true } : probeOf('APNs', result);
    },
    close: () => wire.close(),
  };
}

function payload({ title, body, url, options }: PushMessage, { notificationId, attemptId }: Call): string {
  // Without a sound a visible push arrives silently.
  const { sound = 'default', badge, data } = options ?? {};
  return JSON.stringify({
    ...data,
    aps: {
      alert: { title, body },
      ...(sound === null ? {} : { sound }),
      ...(badge === undefined ? {} : { badge }),
    },
    notification_id: notificationId,
    attempt_id: attemptId,
    ...(url === undefined ? {} : { url }),
  });
}

/** `apns-id` has to be a UUID and an attempt id is not one, so it is derived from it (version 8, RFC 9562). */
function plantedIn({ notificationId, attemptId }: Call): Record<string, string> {
  const digest = hash('sha256', attemptId, 'buffer');
  digest[6] = (digest[6]! & 0x0f) | 0x80;
  digest[8] = (digest[8]! & 0x3f) | 0x80;
  const hex = digest.toString('hex', 0, 16);
  const id = `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
  return { 'apns-id': id, 'apns-collapse-id': notificationId };
}

/**
 * Before any device was reached, a wrong host or topic is as likely as a wrong token: no device is disabled for it.
 */
function unproven(outcome: NotAccepted): NotAccepted {
  const why = `${outcome.code}; no device was reached yet, so sandbox or topic may be the wrong one`;
  return { ...outcome, class: 'rejected', message: explain('rejected', 'APNs', why) };
}

/** A device that registered again after this time is not affected. */
function sinceWhen(outcome: NotAccepted, result: HttpResult): NotAccepted {
  const since = result.phase === 'answered' ? jsonObject(result.body)?.timestamp : undefined;
  if (typeof since !== 'number' || !(since > 0 && since < 8.64e15)) return outcome;
  const badSince = new Date(since);
  const words = `${outcome.code} since ${badSince.toISOString()}`;
  return { ...outcome, badSince, message: explain(outcome.class, 'APNs', words) };
}

/** Certain, so the next try may use a new token; nothing is sent again here. */
/** Unix seconds; 0 is "now or never". */
const expiration = (call: Pick<Call, 'now'>, seconds: number): string =>
  seconds === 0 ? '0' : secondsAhead(call, seconds);

function expired(outcome: NotAccepted, tokens: ProviderTokens, refused: string): Outcome {
  if (tokens.renew(refused)) return outcome;
  const why = `${outcome.code} for a token made just now: is the clock of this machine right?`;
  return { ...outcome, class: 'misconfigured', message: explain('misconfigured', 'APNs', why) };
}
