import { createHmac, createSecretKey } from 'node:crypto';
import type { Channel } from '@carillon/core/channel';
import type { ProviderAdapter } from '../contract.ts';
import { createHttpClient, HTTP_CONNECTIONS, type HttpClientOptions } from '../http-client.ts';
import { type Dialect, outcomeOf } from '../outcome-of.ts';
import { probeOf } from '../probe-of.ts';

/**
 * A provider of your own: a signed POST of JSON. The leanest adapter, for gateways inside the company and for
 * anything without an SDK. Class A: the endpoint must answer a repeated `Idempotency-Key` with the same id, without
 * sending again.
 *
 * Request: `{ "notification_id", "attempt_id", "channel", "to", ... }`, headers `Idempotency-Key` (the attempt id) and
 * `X-Carillon-Signature: t=<unix seconds>,v1=<hex HMAC-SHA256 of "<t>.<body>">`.
 * An e-mail may also have `headers` (an object) and `attachments` (`[{ "filename", "contentType", "content" }]`, base64).
 * Answer: 2xx `{ "id": "..." }`, or a 4xx/5xx, better with `{ "error": { "code": "..." } }`.
 * A signed GET of the same URL asks whether it would take a message now: 2xx, or 404/405 if it does not know the question.
 */
export interface GenericOptions extends HttpClientOptions {
  channel: Exclude<Channel, 'in_app'>;
  url: string;
  /** Shared with the endpoint, which checks the signature with it. */
  secret: string;
}

export const GENERIC_CODES = {
  bad_recipient: 'bad_recipient',
  quota_exceeded: 'quota',
  410: 'bad_recipient',
  // A first request with this key is still being handled: its answer can be had by asking again.
  idempotency_in_progress: 'transient',
} as const;

const DIALECT: Dialect = {
  name: 'The HTTP provider',
  codes: GENERIC_CODES,
  messageId: (_, body) => body?.id,
  errorCode: (_, body) => codeIn(body?.error) ?? body?.code,
};

export function genericAdapter({ channel, url, secret, ...client }: GenericOptions): ProviderAdapter {
  const { origin, pathname, search } = new URL(url);
  const http = createHttpClient(origin, client);
  const key = createSecretKey(secret, 'utf8');
  const path = pathname + search;
  const signature = (body: string): string => {
    const seconds = Math.floor(Date.now() / 1000);
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
      return outcomeOf(DIALECT, result);
    },
    async probe(signal) {
      const headers = { 'x-carillon-signature': signature('') };
      // An endpoint that knows only POST lives as well.
      return probeOf('The HTTP provider', await http.get({ path, headers, signal }), [404, 405]);
    },
    close: () => http.close(),
  };
}

function codeIn(error: unknown): unknown {
  return typeof error === 'object' && error !== null ? (error as { code?: unknown }).code : undefined;
}
