import type { EmailMessage } from '@carillon/core/message';
import { Resend } from 'resend';
import type { CodeTable } from '../code-table.ts';
import type { ProviderAdapter } from '../contract.ts';
import {
  createHttpClient,
  HTTP_CONNECTIONS,
  type HttpClient,
  type HttpClientOptions,
} from '../http-client.ts';
import { type Dialect, jsonObject, notSendable, outcomeOf } from '../outcome-of.ts';
import { probeOf } from '../probe-of.ts';
import { carry, throughSdk } from '../sdk-exchange.ts';

/**
 * Resend, by its SDK. Class A: the same `Idempotency-Key` with the same body gives the same id for 24 hours, so a lost
 * answer is settled by asking again. https://resend.com/docs/dashboard/emails/idempotency-keys
 */
export interface ResendOptions extends HttpClientOptions {
  apiKey: string;
  /** The sender where the message names none, e.g. `Acme <hello@acme.example>`. */
  from: string;
  baseUrl?: string;
}

/** https://resend.com/docs/api-reference/errors */
export const RESEND_CODES: CodeTable = {
  rate_limit_exceeded: 'throttled',
  concurrent_idempotent_requests: 'transient',
  daily_quota_exceeded: 'quota',
  monthly_quota_exceeded: 'quota',
  application_error: 'in_doubt',
  internal_server_error: 'in_doubt',
  validation_error: 'rejected',
  invalid_attachment: 'rejected',
  missing_required_field: 'rejected',
  invalid_parameter: 'rejected',
  // The key was used with another body: ours to mend, and the first body was sent.
  invalid_idempotent_request: 'rejected',
  invalid_idempotency_key: 'rejected',
  missing_api_key: 'misconfigured',
  invalid_api_key: 'misconfigured',
  restricted_api_key: 'misconfigured',
  invalid_from_address: 'misconfigured',
  security_error: 'misconfigured',
  // 403 also carries `validation_error` for a sender domain that is not verified; see errorCode.
  unverified_domain: 'misconfigured',
};

const DIALECT: Dialect = {
  name: 'Resend',
  codes: RESEND_CODES,
  messageId: (_, body) => body?.id,
  errorCode: ({ status }, body) =>
    status === 403 && body?.name === 'validation_error' ? 'unverified_domain' : body?.name,
};

export function resendAdapter(options: ResendOptions): ProviderAdapter<EmailMessage> {
  const { apiKey, from, baseUrl = 'https://api.resend.com', ...client } = options;
  const http = createHttpClient(baseUrl, client);
  const resend = onOurWire(new Resend(apiKey, { baseUrl }), http);
  return {
    provider: 'resend',
    channel: 'email',
    guarantee: 'A',
    atOnce: HTTP_CONNECTIONS,
    keyConflictCode: 'invalid_idempotent_request',
    serves: (message) => message.channel === 'email',
    async send(message, call) {
      const { notificationId, attemptId } = call;
      const n = attemptId.slice(notificationId.length + 1);
      const result = await throughSdk(call, () =>
        resend.emails.send(
          {
            from: message.from ?? from,
            to: message.to,
            subject: message.subject,
            ...(message.replyTo === undefined ? {} : { replyTo: message.replyTo }),
            ...bodies(message),
            ...(message.headers === undefined ? {} : { headers: message.headers }),
            ...(message.attachments === undefined ? {} : { attachments: [...message.attachments] }),
            tags: [
              { name: 'notification_id', value: notificationId },
              { name: 'attempt', value: n },
            ],
          },
          { idempotencyKey: attemptId },
        ),
      );
      if (result.phase === 'not_composed') {
        return notSendable('Resend', 'invalid_message', 'its SDK could not compose this message');
      }
      return outcomeOf(DIALECT, result);
    },
    async probe(signal) {
      const headers = { authorization: `Bearer ${apiKey}` };
      const result = await http.get({ path: '/domains', headers, signal });
      // A key that may only send is not told its domains, and is a good key.
      const body = result.phase === 'answered' ? jsonObject(result.body) : null;
      return body?.name === 'restricted_api_key' ? { healthy: true } : probeOf('Resend', result);
    },
    close: () => http.close(),
  };
}

/** Resend makes a text version of its own where none is given, so an empty one is not the same as none. */
function bodies({ html, text }: EmailMessage): { html: string; text?: string } | { text: string } {
  if (html === undefined) return { text: text ?? '' };
  return text === undefined ? { html } : { html, text };
}

/** The SDK's `fetchRequest` turns every broken connection into the same "Unable to fetch data"; ours tells them apart. */
function onOurWire(resend: Resend, http: HttpClient): Resend {
  resend.fetchRequest = async <T>(path: string, options: object = {}): Promise<Answer<T>> => {
    const { headers, body } = options as { headers?: Headers; body?: string };
    await carry(http, { path, headers: Object.fromEntries(headers ?? []), body: body ?? '' });
    return { data: {} as T, error: null, headers: null };
  };
  return resend;
}

type Answer<T> = { data: T; error: null } & { headers: null };
