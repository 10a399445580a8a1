import { createHmac, createSecretKey } from 'node:crypto';
import type { Channel } from '@carillon/core/notification/channel';
import type { ProviderAdapter } from '../contract.ts';
import { createHttpClient, HTTP_CONNECTIONS, type HttpClientOptions } from '../http/http-client.ts';
import { codeTable, misconfigured, refusedEverywhere, transient } from '../outcome/code-table.ts';
import { type Dialect, parseResponse } from '../outcome/parse-response.ts';
import { probeOf } from '../outcome/probe-of.ts';

/**
 * A custom provider: a signed POST of JSON. The simplest adapter, for internal gateways and anything without an SDK.
 * Class A: the endpoint must answer a repeated `Idempotency-Key` with the same id, without sending again.
 *
 * Request: `{ "notification_id", "attempt_id", "channel", "to", ... }`, headers `Idempotency-Key` (the attempt id) and
 * `X-Carillon-Signature: t=<unix seconds>,v1=<hex HMAC-SHA256 of "<t>.<body>">`.
 * An e-mail may also have `headers` (an object) and `attachments` (`[{ "filename", "contentType", "content" }]`,
 * base64). Answer: 2xx `{ "id": "..." }`, or a 4xx/5xx, better with `{ "error": { "code": "..." } }`.
 * A signed GET of the same URL checks whether it would accept a message now: 2xx, or 404/405 if it does not support
 * GET.
 */
export interface GenericOptions extends HttpClientOptions {
  channel: Exclude<Channel, 'in_app'>;
  url: string;
  /** Shared with the endpoint, which checks the signature with it. */
  secret: string;
  /** Milliseconds since the epoch; default this machine's clock. */
  now?: () => number;
}

/** Values of `error.code` that are more specific than the status; other values are treated by the status. */
export const GENERIC_CODES = codeTable([
  ['bad_recipient', ['bad_recipient', 410]],
  ['quota', ['quota_exceeded']],
  ['throttled', ['rate_limited']],
  [misconfigured('account'), ['misconfigured']],
  // A message that no other account should try.
  [refusedEverywhere('message'), ['rejected']],
  // A first request with this key is still in progress: a repeat gets its answer.
  [transient('message'), ['idempotency_in_progress']],
  [transient('recipient'), ['recipient_busy']],
]);

const DIALECT: Dialect = {
  name: 'The HTTP provider',
  codes: GENERIC_CODES,
  messageId: (_, body) => body?.id,
  errorCode: (_, body) => codeIn(body?.error) ?? body?.code,
};

export function genericAdapter({
  channel,
  url,
  secret,
  now = Date.now,
  ...client
}: GenericOptions): ProviderAdapter {
  const { origin, pathname, search } = new URL(url);
  const http = createHttpClient(origin, client);
  const key = createSecretKey(secret, 'utf8');
  const path = pathname + search;
  const signature = (body: string): string => {
    const seconds = Math.floor(now() / 1000);
    const hmac = createHmac('sha256', key).update(`${seconds}.`).update(body).digest('hex');
    return `t=${seconds},v1=${hmac}`;
  };
  return {
    provider: 'generic',
    channel,
    guarantee: 'A',
    atOnce: HTTP_CONNECTIONS,
    serves: (message) => message.channel === channel,
    async send(message, { notificationId, attemptId, signal, mayWrite }) {
      const body = JSON.stringify({ ...message, notification_id: notificationId, attempt_id: attemptId });
      const result = await http.post({
        path,
        headers: {
          'content-type': 'application/json',
          'idempotency-key': attemptId,
          'x-carillon-signature': signature(body),
        },
        body,
        signal,
        mayWrite,
      });
      return parseResponse(DIALECT, result);
    },
    async probe(signal) {
      const headers = { 'x-carillon-signature': signature('') };
      // An endpoint that supports only POST is healthy too.
      return probeOf('The HTTP provider', await http.get({ path, headers, signal }), [404, 405]);
    },
    close: () => http.close(),
  };
}

function codeIn(error: unknown): unknown {
  return typeof error === 'object' && error !== null ? (error as { code?: unknown }).code : undefined;
}
