import { createHmac, timingSafeEqual } from 'node:crypto';
import { RECEIPT_KINDS, type Receipt, type ReceiptKind } from '@carillon/core/provider/receipt';
import { TOLERANCE_SECONDS } from '@carillon/core/webhook/standard-webhook';
import {
  isObject,
  type Json,
  jsonOf,
  known,
  type ReceiptReader,
  refused,
  text,
  time,
} from '../receipts/reader.ts';

/**
 * Receipts of a custom gateway: `X-Carillon-Signature: t=<unix seconds>,v1=<hex HMAC-SHA256 of "<t>.<body>">`, the
 * scheme that also signs requests to it. Body: one receipt or a list of them, `{ "id", "type", "attempt_id" |
 * "message_id", "address", "code", "detail", "at", "machine" }`, where `type` is a kind of core/receipt.
 */
export const genericReceipts: ReceiptReader = {
  read({ body, header, now }, { secrets }) {
    const parts = /^t=(\d{1,12}),v1=([0-9a-f]{64})$/.exec(header('x-carillon-signature') ?? '');
    if (!parts) return refused('malformed');
    const [, timestamp = '', hex = ''] = parts;
    if (!secrets.some((secret) => fits(secret, `${timestamp}.`, body, hex))) return refused('forged');
    if (Math.abs(now.getTime() / 1000 - Number(timestamp)) > TOLERANCE_SECONDS) return refused('stale');
    const parsed = jsonOf(body);
    const list = Array.isArray(parsed) ? parsed : [parsed];
    if (!list.every(isObject)) return refused('malformed');
    return { read: 'receipts', receipts: list.flatMap(receiptOf) };
  },
};

function fits(secret: string, prefix: string, body: Buffer, hex: string): boolean {
  const expected = createHmac('sha256', secret).update(prefix).update(body).digest();
  return timingSafeEqual(expected, Buffer.from(hex, 'hex'));
}

function receiptOf(event: Json): Receipt[] {
  const eventId = text(event.id, 200);
  const kind = RECEIPT_KINDS.find((each) => each === event.type) as ReceiptKind | undefined;
  if (!eventId || !kind) return [];
  const fields = known({
    attemptId: text(event.attempt_id, 50),
    providerMessageId: text(event.message_id, 200),
    address: text(event.address, 320),
    at: time(event.at),
    code: text(event.code, 100),
    detail: text(event.detail),
    url: text(event.url, 2000),
    machine: typeof event.machine === 'boolean' ? event.machine : undefined,
  });
  return [{ eventId, kind, ...fields }];
}
