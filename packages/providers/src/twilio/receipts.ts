import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import type { Receipt, ReceiptKind } from '@carillon/core/provider/receipt';
import { optOutKeyword } from '../receipts/opt-out-keywords.ts';
import { type Json, jsonObject, known, type ReceiptReader, refused, text } from '../receipts/reader.ts';

/**
 * Twilio's status callbacks and inbound messages: HMAC-SHA1 over the URL and the sorted fields, or over the URL alone,
 * which contains the body's SHA-256. There is no timestamp: a replay is stopped by the event id, which is message and
 * status. https://www.twilio.com/docs/usage/security#validating-requests
 */
export const twilioReceipts: ReceiptReader = {
  read({ body, header, url }, { secrets }) {
    const signature = header('x-twilio-signature');
    if (!signature) return refused('malformed');
    const form = /^application\/json\b/i.test(header('content-type') ?? '')
      ? null
      : new URLSearchParams(body.toString('utf8'));
    if (!form && !bodyFits(url, body)) return refused('forged');
    const signed = form ? url + sortedFields(form) : url;
    if (!secrets.some((token) => fits(token, signed, signature))) return refused('forged');
    const fields = form ? Object.fromEntries(form) : jsonObject(body);
    if (!fields) return refused('malformed');
    const receipt = receiptOf(fields, new URL(url).searchParams.get('attempt'));
    return {
      read: 'receipts',
      receipts: receipt ? [receipt] : [],
      ...(fields.Body === undefined ? {} : { answer: NO_REPLY }),
    };
  },
};

/** TwiML without a reply: Twilio, or the messaging service, confirms STOP itself. */
const NO_REPLY = { contentType: 'text/xml', body: '<?xml version="1.0" encoding="UTF-8"?><Response/>' };

/** Name and value of each field, by name; a repeated name has its distinct values, sorted. */
function sortedFields(form: URLSearchParams): string {
  const pairs = [...new Set([...form].map(([name, value]) => JSON.stringify([name, value])))].map(
    (pair) => JSON.parse(pair) as [string, string],
  );
  return pairs
    .sort(([a, x], [b, y]) => (a === b ? (x < y ? -1 : 1) : a < b ? -1 : 1))
    .map(([name, value]) => name + value)
    .join('');
}

function fits(token: string, signed: string, signature: string): boolean {
  const expected = createHmac('sha1', token).update(signed, 'utf8').digest();
  const given = Buffer.from(signature, 'base64');
  return given.length === expected.length && timingSafeEqual(given, expected);
}

function bodyFits(url: string, body: Buffer): boolean {
  const promised = new URL(url).searchParams.get('bodySHA256');
  return promised !== null && promised.toLowerCase() === createHash('sha256').update(body).digest('hex');
}

/** Every status of a message that Twilio documents; null: it failed, and the code gives the subject. */
const BY_STATUS: Readonly<Record<string, ReceiptKind | null>> = {
  accepted: 'accepted',
  scheduled: 'accepted',
  queued: 'accepted',
  sending: 'accepted',
  sent: 'accepted',
  delivered: 'delivered',
  read: 'delivered',
  partially_delivered: 'delivered',
  undelivered: null,
  failed: null,
  canceled: null,
};

/**
 * Of failures, the codes about the number. `soft_bounced` is a temporary state of the number (switched off, out of
 * reach); everything else is about the message, the sender, the account or the network, and fails the message alone.
 * https://www.twilio.com/docs/api/errors
 */
const BY_CODE: Readonly<Record<string, ReceiptKind>> = {
  21211: 'bounced', // invalid To number
  21217: 'bounced', // the number does not appear to be valid
  21614: 'bounced', // not a mobile number
  21635: 'bounced', // a landline
  30005: 'bounced', // unknown destination
  30006: 'bounced', // landline or unreachable carrier
  63024: 'bounced', // invalid recipient of a channel
  21610: 'opted_out', // the person sent STOP
  63032: 'opted_out', // blocked by the person's choice
  30003: 'soft_bounced', // unreachable: off, out of coverage
};

function receiptOf(fields: Json, attempt: string | null): Receipt | null {
  const sid = text(fields.MessageSid ?? fields.SmsSid, 64);
  const status = text(fields.MessageStatus ?? fields.SmsStatus, 32);
  if (!sid) return null;
  if (status === undefined || /^receiv(ed|ing)$/i.test(status)) return inbound(sid, fields);
  // A signature covers names and values joined: a value that only a shifted boundary can produce is not accepted.
  const code = fitting(/^\d{1,6}$/, text(fields.ErrorCode, 16));
  const address = fitting(/^(?:[a-z]+:)?\+\d{4,15}$/, text(fields.To, 32));
  const detail = text(fields.ErrorMessage);
  return twilioStatus(sid, status, { attemptId: text(attempt, 50), address, code, detail });
}

/**
 * The meaning of a status, from a callback or a query (reports.ts): both are the same event, so that it is applied
 * once.
 *
 * @returns null for a status that Twilio does not document: it changes nothing.
 */
export function twilioStatus(
  sid: string,
  status: string,
  words: { [K in 'attemptId' | 'address' | 'code' | 'detail']?: string | undefined },
): Receipt | null {
  const name = status.toLowerCase();
  if (!Object.hasOwn(BY_STATUS, name)) return null;
  const kind = BY_STATUS[name] ?? BY_CODE[words.code ?? ''] ?? 'failed';
  return { eventId: `${sid}/${name}`, kind, providerMessageId: sid, ...known(words) };
}

/** @returns an untrusted text only if it has Twilio's format. */
export const fitting = (pattern: RegExp, value: string | undefined): string | undefined =>
  value !== undefined && pattern.test(value) ? value : undefined;

/** An inbound message. STOP and START apply to the number and this app, whatever was sent to it. */
function inbound(sid: string, fields: Json): Receipt | null {
  const word = optOutKeyword(text(fields.OptOutType, 16) ?? text(fields.Body, 160) ?? '');
  const address = text(fields.From, 32);
  return word && address ? { eventId: `${sid}/inbound`, kind: word, address } : null;
}
