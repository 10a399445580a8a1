import type { EmailMessage, MailAttachment } from '@carillon/core/notification/message';
import { type Mailbox, mailboxOf, mailboxText } from '@carillon/core/recipient/mailbox';
import { accountSender } from '../accounts/mailbox.ts';
import type { Call, ProviderAdapter } from '../contract.ts';
import { createHttpClient, HTTP_CONNECTIONS, type HttpClientOptions } from '../http/http-client.ts';
import { type Dialect, notSendable, parseResponse } from '../outcome/parse-response.ts';
import { probeOf } from '../outcome/probe-of.ts';
import { POSTMARK_CODES, postmarkCode } from './codes.ts';
import { postmarkLookup } from './lookup.ts';

/**
 * Postmark's Email API. Class B: there is no idempotency key, but `Metadata` is returned in every receipt, and messages
 * can be searched by it. Without its SDK, which hides how far a call got.
 * https://postmarkapp.com/developer/api/email-api
 */
export interface PostmarkOptions extends HttpClientOptions {
  /** The token of one server; an account token cannot send. */
  serverToken: string;
  /** The sender if the message names none: a confirmed signature, or an address of a verified domain. */
  from: string;
  /** Default `outbound`, the default transactional stream. */
  messageStream?: string;
  /** How long after a call its absence from the activity is reliable, in milliseconds; default five minutes. */
  lookupSettlesMs?: number;
  baseUrl?: string;
}

const DIALECT: Dialect = {
  name: 'Postmark',
  codes: POSTMARK_CODES,
  messageId: (_, body) => (body?.ErrorCode === 0 ? body.MessageID : undefined),
  errorCode: (_, body) => postmarkCode(body),
};

export function postmarkAdapter(options: PostmarkOptions): ProviderAdapter<EmailMessage> {
  const { serverToken, from, messageStream = 'outbound', lookupSettlesMs, ...rest } = options;
  const { baseUrl = 'https://api.postmarkapp.com', ...client } = rest;
  const own = accountSender(from);
  const http = createHttpClient(baseUrl, client);
  const asking = { accept: 'application/json', 'x-postmark-server-token': serverToken };
  const headers = { ...asking, 'content-type': 'application/json' };
  return {
    provider: 'postmark',
    channel: 'email',
    guarantee: 'B',
    atOnce: HTTP_CONNECTIONS,
    serves: (message) => message.channel === 'email',
    async send(message, call) {
      const sender = message.from === undefined ? own : mailboxOf(message.from);
      const body = compose(message, sender, messageStream, call);
      if (body === null) {
        return notSendable('Postmark', 'invalid_message', 'it needs one sender address and some content');
      }
      const { signal, mayWrite } = call;
      return parseResponse(DIALECT, await http.post({ path: '/email', headers, body, signal, mayWrite }));
    },
    lookup: postmarkLookup(http, asking, messageStream, lookupSettlesMs),
    probe: async (signal) =>
      probeOf('Postmark', await http.get({ path: '/server', headers: asking, signal })),
    close: () => http.close(),
  };
}

/** @returns null for a message that Postmark would certainly refuse. */
function compose(
  message: EmailMessage,
  from: Mailbox | null,
  messageStream: string,
  { notificationId, attemptId }: Call,
): string | null {
  const { to, subject, html, text, headers, attachments } = message;
  const replyTo = message.replyTo === undefined ? undefined : mailboxOf(message.replyTo);
  if (!from || replyTo === null || !(html || text)) return null;
  return JSON.stringify({
    From: mailboxText(from),
    To: to,
    ...(replyTo === undefined ? {} : { ReplyTo: mailboxText(replyTo) }),
    Subject: subject,
    ...(html ? { HtmlBody: html } : {}),
    ...(text ? { TextBody: text } : {}),
    ...(headers === undefined
      ? {}
      : { Headers: Object.entries(headers).map(([Name, Value]) => ({ Name, Value })) }),
    ...(attachments === undefined ? {} : { Attachments: attachments.map(file) }),
    MessageStream: messageStream,
    // A name may have 20 characters and a value 80.
    Metadata: { notification: notificationId, attempt: attemptId },
  });
}

function file({ filename, contentType, content }: MailAttachment) {
  return { Name: filename, ContentType: contentType, Content: content };
}
