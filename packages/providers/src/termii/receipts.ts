import { createHmac, timingSafeEqual } from 'node:crypto';
import type { ReceiptKind } from '@carillon/core/provider/receipt';
import { optOutKeyword } from '../receipts/opt-out-keywords.ts';
import { jsonObject, known, type ReceiptReader, refused, text, time } from '../receipts/reader.ts';

/**
 * Termii's delivery reports: HMAC-SHA512 over the raw body. Its documentation does not give the encoding of the digest,
 * so hex and base64 are both accepted. No timestamp: a replay is stopped by the event id.
 * https://developers.termii.com/events
 */
export const termiiReceipts: ReceiptReader = {
  read({ body, header }, { secrets }) {
    const signature = header('x-termii-signature');
    if (!signature) return refused('malformed');
    if (!secrets.some((secret) => fits(secret, body, signature))) return refused('forged');
    const report = jsonObject(body);
    const id = text(report?.message_id ?? report?.id, 100);
    if (!report || !id) return refused('malformed');
    const status = text(report.status, 60) ?? '';
    const inbound = report.type === 'inbound' ? optOutKeyword(text(report.message, 160) ?? '') : null;
    if (report.type === 'inbound') {
      const address = text(report.sender ?? report.receiver, 32);
      return {
        read: 'receipts',
        receipts:
          inbound && address ? [{ eventId: `${id}/inbound`, kind: inbound, address: e164(address) }] : [],
      };
    }
    const address = text(report.receiver, 32);
    const fields = known({
      address: address && e164(address),
      at: time(report.sent_at),
      code: text(report.delivery_code ?? status, 100),
    });
    const kind = kindOf(status);
    return {
      read: 'receipts',
      receipts: kind ? [{ eventId: `${id}/${status}`, kind, providerMessageId: id, ...fields }] : [],
    };
  },
};

function fits(secret: string, body: Buffer, signature: string): boolean {
  const expected = createHmac('sha512', secret).update(body).digest();
  return (['hex', 'base64'] as const).some((encoding) => {
    const given = Buffer.from(signature, encoding);
    return given.length === expected.length && timingSafeEqual(given, expected);
  });
}

/**
 * Termii's texts for a status. "DND" is a list of the country's networks: this route cannot reach the number, another
 * may. Other statuses change nothing. https://developers.termii.com/events
 */
const KINDS: readonly [RegExp, ReceiptKind][] = [
  [/^delivered/i, 'delivered'],
  [/^(sent|message sent|pending|received|processed)/i, 'accepted'],
  [/invalid|unknown subscriber|absent subscriber permanent/i, 'bounced'],
  [/expired|unreach|absent/i, 'soft_bounced'],
  [/failed|rejected|undelivered|not delivered|\bdnd\b|blocked|insufficient/i, 'failed'],
];

function kindOf(status: string): ReceiptKind | undefined {
  return KINDS.find(([words]) => words.test(status.trim()))?.[1];
}

/** Termii omits the plus sign. */
const e164 = (number: string): string => (number.startsWith('+') ? number : `+${number}`);
