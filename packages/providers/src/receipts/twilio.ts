import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import type { Receipt, ReceiptKind } from '@carillon/core/receipt';
import { optWord } from './opt-words.ts';
import { type Json, jsonObject, known, type ReceiptReader, refused, text } from './reader.ts';

/**
 * Twilio's status callbacks and inbound messages: HMAC-SHA1 over the URL and the sorted fields, or over the URL alone
 * with the body's SHA-256 in it. There is no timestamp: a replay is stopped by the event id, which is message and status.
 * https://www.twilio.com/docs/usage/security#validating-requests
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

/** TwiML that sends nothing back: Twilio, or the messaging service, confirms STOP itself. */
const NO_REPLY = { contentType: 'text/xml', body: '<?xml version="1.0" encoding="UTF-8"?><Response/>' };

/** Name and value of each field, by name; a name given twice brings its values once each, sorted. */
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

const BY_STATUS: Readonly<Record<string, ReceiptKind>> = {
  accepted: 'accepted',
  scheduled: 'accepted',
  queued: 'accepted',
  sending: 'accepted',
  sent: 'accepted',
  delivered: 'delivered',
  read: 'delivered',
};

/** Of what ended undelivered or failed: who is to blame. Codes as in sms/twilio.ts. */
const BY_CODE: Readonly<Record<string, ReceiptKind>> = {
  21211: 'bounced',
  21614: 'bounced',
  30005: 'bounced',
  30006: 'bounced',
  21610: 'opted_out',
  30003: 'soft_bounced',
  30008: 'soft_bounced',
  30017: 'soft_bounced',
};

function receiptOf(fields: Json, attempt: string | null): Receipt | null {
  const sid = text(fields.MessageSid ?? fields.SmsSid, 64);
  const status = text(fields.MessageStatus ?? fields.SmsStatus, 32);
  if (!sid) return null;
  if (status === undefined || status === 'received') return inbound(sid, fields);
  const code = text(fields.ErrorCode, 16);
  const address = text(fields.To, 32);
  const detail = text(fields.ErrorMessage);
  return twilioStatus(sid, status, { attemptId: text(attempt, 50), address, code, detail });
}

/**
 * What a status means, whether a callback told it or Twilio was asked (sms/twilio-reports.ts): both are the same event, so
 * that it is applied once.
 */
export function twilioStatus(
  sid: string,
  status: string,
  words: { [K in 'attemptId' | 'address' | 'code' | 'detail']?: string | undefined },
): Receipt {
  const kind = BY_STATUS[status] ?? BY_CODE[words.code ?? ''] ?? 'failed';
  return { eventId: `${sid}/${status}`, kind, providerMessageId: sid, ...known(words) };
}

/** Someone wrote to us. STOP and START concern their number with this app, whatever was sent to it. */
function inbound(sid: string, fields: Json): Receipt | null {
  const word = optWord(text(fields.OptOutType, 16) ?? text(fields.Body, 160) ?? '');
  const address = text(fields.From, 32);
  return word && address ? { eventId: `${sid}/inbound`, kind: word, address } : null;
}
