import type { Receipt } from '@carillon/core/receipt';

/**
 * How the receipts of one provider are read: verified over the raw bytes, before any parser sees them, then turned into
 * our words. Nothing here does I/O except SNS' certificate, whose fetch is passed in.
 */
export interface ReceiptReader {
  /** Refused ones are never parsed and leave nothing but a counter. */
  read(request: ReceiptRequest, trust: ReceiptTrust): ReceiptReading | Promise<ReceiptReading>;
}

export interface ReceiptRequest {
  /** As it came, byte for byte. */
  body: Buffer;
  /** Lower-case names. */
  header(name: string): string | undefined;
  /** The public URL that was called, made from the configured base and never from `Host`, with its query. */
  url: string;
  now: Date;
}

/** What tells a provider's receipts from anybody's. */
export interface ReceiptTrust {
  /** Signing secrets or public keys, newest first: two while one rotates. */
  secrets: readonly string[];
  /** SES: the only SNS topic that is believed. Any AWS customer can sign a valid message. */
  topicArn?: string | undefined;
  /** SES: fetches the signing certificate (PEM) from an address whose host was checked. */
  certificateAt?(url: string): Promise<string>;
}

export type ReceiptReading =
  | { read: 'receipts'; receipts: Receipt[]; answer?: ReceiptAnswer }
  /** SNS asks whether we want this subscription: fetch the address (its host was checked). */
  | { read: 'confirmation'; url: string }
  | { read: 'refused'; why: Refusal };

/** `malformed`: signed or not, this is no receipt. */
export type Refusal = 'malformed' | 'forged' | 'stale';

/** Where a provider wants more than an empty 2xx. */
export interface ReceiptAnswer {
  contentType: string;
  body: string;
}

export const refused = (why: Refusal): ReceiptReading => ({ read: 'refused', why });

export type Json = Record<string, unknown>;

/** @returns null unless the bytes are a JSON object. */
export function jsonObject(body: Buffer | string): Json | null {
  const parsed = jsonOf(body);
  return isObject(parsed) ? parsed : null;
}

/** @returns undefined unless the bytes are JSON. */
export function jsonOf(body: Buffer | string): unknown {
  try {
    return JSON.parse(body.toString());
  } catch {
    return undefined;
  }
}

export function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/**
 * Text of an untrusted field, cut to a bound; undefined if it is no text. Without NUL and half characters, which
 * PostgreSQL does not take: one such receipt would fail all that share its commit, and its provider would repeat it for days.
 */
export function text(value: unknown, maxLength = 500): string | undefined {
  if (typeof value === 'number') return String(value);
  if (typeof value !== 'string') return undefined;
  const storable = value.replaceAll('\u0000', '').slice(0, maxLength).toWellFormed();
  return storable === '' ? undefined : storable;
}

/** A time in an untrusted field: RFC 3339 text or Unix seconds. */
export function time(value: unknown): Date | undefined {
  const date =
    typeof value === 'number' ? new Date(value * 1000) : new Date(typeof value === 'string' ? value : '');
  return Number.isNaN(date.getTime()) ? undefined : date;
}

/** Drops what is undefined: a member that is not there is not the same as one that is undefined. */
export function known<T extends object>(fields: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]?: Exclude<T[K], undefined>;
  };
}

/** Our attempt id from the two parts that were planted separately. */
export function attemptFrom(notificationId: unknown, n: unknown): string | undefined {
  const id = text(notificationId, 36);
  const number = text(n, 6);
  return id && number && /^\d+$/.test(number) ? `${id}/${number}` : undefined;
}
