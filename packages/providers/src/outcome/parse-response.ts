import type { NotAccepted, Outcome } from '@carillon/core/provider/outcome';
import type { HttpAnswer, HttpResult } from '../http/http-client.ts';
import { retryAfterMs } from '../http/retry-after.ts';
import { failureOutcome } from './call-failure.ts';
import { type CodeTable, type Meaning, meaningOf, type RefusalClass } from './code-table.ts';

/**
 * Turns the result of one HTTP call into an outcome; the differences between providers are in a dialect. A 200 alone is
 * not trusted: captive portals, proxies and half-broken providers send those too. Without the provider's message id
 * there is no acceptance, only a doubt.
 */
export interface Dialect {
  /** Display name, e.g. `Resend`. */
  name: string;
  codes: CodeTable;
  /** The message id in a 2xx answer; anything but visible ASCII text counts as missing. */
  messageId(answer: HttpAnswer, body: JsonObject | null): unknown;
  /** The error code in any other answer. */
  errorCode(answer: HttpAnswer, body: JsonObject | null): unknown;
}

export type JsonObject = Record<string, unknown>;

export function parseResponse(dialect: Dialect, result: HttpResult): Outcome {
  if (result.phase !== 'answered') return failureOutcome(dialect.name, result.error, result.phase);
  const { status } = result;
  if (result.tooLarge) return invalidAnswer(dialect.name, status, 'its answer was too large');
  const body = jsonObject(result.body);
  if (status >= 200 && status < 300) return acceptance(dialect, result, body);
  return refusal(dialect, result, body);
}

/** An answer that proves neither acceptance nor rejection. */
export function invalidAnswer(name: string, status: number, why: string): NotAccepted {
  return {
    class: 'in_doubt',
    code: 'invalid_answer',
    phase: 'answered',
    message: `${name} may have the message: it answered ${status}, but ${why}.`,
  };
}

/** A message that was never sent because it does not fit the provider's format. */
export function notSendable(name: string, code: string, why: string): NotAccepted {
  return { class: 'rejected', code, phase: 'started', message: `${name} was not called: ${why}.` };
}

function acceptance(dialect: Dialect, answer: HttpAnswer, body: JsonObject | null): Outcome {
  if (body?.error) return invalidAnswer(dialect.name, answer.status, 'with an error inside');
  const id = dialect.messageId(answer, body);
  if (typeof id === 'string' && /^[\x21-\x7e]{1,255}$/.test(id)) {
    return { class: 'accepted', providerMessageId: id };
  }
  return invalidAnswer(dialect.name, answer.status, 'without a message id');
}

function refusal(dialect: Dialect, answer: HttpAnswer, body: JsonObject | null): Outcome {
  const { status } = answer;
  const code = codeText(dialect.errorCode(answer, body));
  const meaning = meaningOf(dialect.codes, code, status);
  const waitMs = retryAfterMs(answer.headers['retry-after']);
  return {
    ...meaning,
    code: code ?? `http_${status}`,
    phase: 'answered',
    message: explain(
      meaning,
      dialect.name,
      code === undefined ? `HTTP ${status}` : `HTTP ${status}, ${code}`,
    ),
    ...(waitMs === undefined ? {} : { retryAfterMs: waitMs }),
  };
}

/**
 * The text is written here: a provider's text may repeat the body or a credential, and outcomes are stored and shown.
 * @param answer e.g. `HTTP 422, validation_error`.
 */
export function explain(meaning: RefusalClass | Meaning, name: string, answer: string): string {
  const {
    class: outcome,
    about,
    othersMayTake,
  } = typeof meaning === 'string' ? ({ class: meaning } as Meaning) : meaning;
  if (othersMayTake) return `${name} refused the message (${answer}); another account may take it.`;
  switch (outcome) {
    case 'bad_recipient':
      return `${name} says this recipient cannot be reached (${answer}).`;
    case 'rejected':
      return `${name} refused the message for good (${answer}).`;
    case 'misconfigured':
      if (about === 'sender')
        return `${name} refused the sender, not the message (${answer}): check the sender of the account or message.`;
      return `${name} refused the account, not the message (${answer}): check its credentials, sender and address.`;
    case 'throttled':
      return `${name} asks to send more slowly (${answer}).`;
    case 'quota':
      return `${name} says the account's quota is used up (${answer}).`;
    case 'transient':
      if (about === 'recipient')
        return `${name} did not take the message for this recipient this time (${answer}).`;
      return `${name} did not take the message this time (${answer}).`;
    case 'in_doubt':
      return `${name} failed while it may already have the message (${answer}).`;
  }
}

/** Error codes are short words or numbers; anything else is prose, and prose is not stored. */
function codeText(code: unknown): string | undefined {
  if (typeof code === 'number' && Number.isSafeInteger(code)) return String(code);
  return typeof code === 'string' && /^[\w.-]{1,64}$/.test(code) ? code : undefined;
}

/** Parses a JSON object; null for anything else. */
export function jsonObject(text: string): JsonObject | null {
  // Half of the providers accept with an empty body; throwing an exception for each would cost more than this check.
  if (text === '') return null;
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as JsonObject)
      : null;
  } catch {
    return null;
  }
}
