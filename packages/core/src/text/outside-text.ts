import { hash } from 'node:crypto';
import type { Outcome } from '../provider/outcome.ts';
import type { Receipt } from '../provider/receipt.ts';

/** Characters kept of external text. An id is looked up by an index, whose rows hold 2,700 bytes. */
const MAX = { id: 500, code: 100, words: 2000 } as const;

/**
 * An external text (an answer, an error message, a receipt) in a form that PostgreSQL can store: NUL and lone
 * surrogates become U+FFFD.
 *
 * @param max characters (UTF-16) kept; a pair is not cut in two.
 */
export function outsideText(text: string, max = Number.POSITIVE_INFINITY): string {
  const whole = text.includes('\u0000') ? text.replaceAll('\u0000', '\ufffd') : text;
  const wellFormed = whole.toWellFormed();
  if (wellFormed.length <= max) return wellFormed;
  const cut = wellFormed.slice(0, max);
  return cut.isWellFormed() ? cut : cut.slice(0, -1);
}

/** A provider's id of a message, as it can be stored and looked up. */
export function outsideId(id: string): string {
  return outsideText(String(id), MAX.id);
}

/** An adapter's outcome as it can be stored: its meaning stays, only texts are bounded. */
export function storableOutcome(outcome: Outcome): Outcome {
  if (outcome.class === 'accepted')
    return { ...outcome, providerMessageId: outsideId(outcome.providerMessageId) };
  const { code, message } = outcome;
  return {
    ...outcome,
    code: outsideText(String(code), MAX.code),
    message: outsideText(String(message), MAX.words),
  };
}

/** A receipt as it can be stored. An event id that is too long is replaced by its SHA-256: two must not become one. */
export function storableReceipt(receipt: Receipt): Receipt {
  const { eventId, attemptId, providerMessageId, address, code, detail, url } = receipt;
  const isLong = eventId.length > MAX.id;
  return {
    ...receipt,
    eventId: isLong ? `sha256:${hash('sha256', eventId)}` : outsideText(eventId),
    ...(attemptId === undefined ? {} : { attemptId: outsideId(attemptId) }),
    ...(providerMessageId === undefined ? {} : { providerMessageId: outsideId(providerMessageId) }),
    ...(address === undefined ? {} : { address: outsideText(address, MAX.words) }),
    ...(code === undefined ? {} : { code: outsideText(code, MAX.code) }),
    ...(detail === undefined ? {} : { detail: outsideText(detail, MAX.words) }),
    ...(url === undefined ? {} : { url: outsideText(url) }),
  };
}
