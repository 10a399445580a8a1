import type { EmailMessage } from '@carillon/core/notification/message';
import { mailboxOf, mailboxText } from '@carillon/core/recipient/mailbox';
import { Resend } from 'resend';
import { accountSender } from '../accounts/mailbox.ts';
import type { ProviderAdapter } from '../contract.ts';
import {
  createHttpClient,
  HTTP_CONNECTIONS,
  type HttpClient,
  type HttpClientOptions,
} from '../http/http-client.ts';
import { carry, throughSdk } from '../http/sdk-exchange.ts';
import { type Dialect, jsonObject, notSendable, parseResponse } from '../outcome/parse-response.ts';
import { probeOf } from '../outcome/probe-of.ts';
import { RESEND_CODES, resendCode } from './codes.ts';

/**
 * Resend, by its SDK. Class A: the same `Idempotency-Key` with the same body gives the same id for 24 hours, so a lost
 * answer is settled by a repeat. https://resend.com/docs/dashboard/emails/idempotency-keys
 */
export interface ResendOptions extends HttpClientOptions {
  apiKey: string;
  /** The sender if the message names none, e.g. `Acme <hello@acme.example>`. */
  from: string;
  baseUrl?: string;
}

const DIALECT: Dialect = {
  name: 'Resend',
  codes: RESEND_CODES,
  messageId: (_, body) => body?.id,
  errorCode: resendCode,
};

export function resendAdapter(options: ResendOptions): ProviderAdapter<EmailMessage> {
  const { apiKey, from, baseUrl = 'https://api.resend.com', ...client } = options;
  const own = accountSender(from);
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
      const sender = message.from === undefined ? own : mailboxOf(message.from);
      const replyTo = message.replyTo === undefined ? undefined : mailboxOf(message.replyTo);
      if (sender === null || replyTo === null)
        return notSendable('Resend', 'invalid_message', 'it needs one sender address');
      const result = await throughSdk(call, () =>
        resend.emails.send(
          {
            from: mailboxText(sender),
            to: message.to,
            subject: message.subject,
            ...(replyTo === undefined ? {} : { replyTo: mailboxText(replyTo) }),
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
      return parseResponse(DIALECT, result);
    },
    async probe(signal) {
      const headers = { authorization: `Bearer ${apiKey}` };
      const result = await http.get({ path: '/domains', headers, signal });
      // A key that may only send cannot list domains, but it is valid.
      const body = result.phase === 'answered' ? jsonObject(result.body) : null;
      return body?.name === 'restricted_api_key' ? { healthy: true } : probeOf('Resend', result);
    },
    close: () => http.close(),
  };
}

/** Resend generates a text version if none is given, so an empty one is not the same as none. */
function bodies({ html, text }: EmailMessage): { html: string; text?: string } | { text: string } {
  if (html === undefined) return { text: text ?? '' };
  return text === undefined ? { html } : { html, text };
}

/**
 * The SDK's `fetchRequest` turns every broken connection into the same "Unable to fetch data"; the client used here
 * distinguishes them.
 */
function onOurWire(resend: Resend, http: HttpClient): Resend {
  resend.fetchRequest = async <T>(path: string, options: object = {}): Promise<Answer<T>> => {
    const { headers, body } = options as { headers?: Headers; body?: string };
    await carry(http, { path, headers: Object.fromEntries(headers ?? []), body: body ?? '' });
    return { data: {} as T, error: null, headers: null };
  };
  return resend;
}

type Answer<T> = { data: T; error: null } & { headers: null };
