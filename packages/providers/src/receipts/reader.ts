import type { Receipt } from '@carillon/core/provider/receipt';
import { isMachineAgent } from '@carillon/core/recipient/machine-agent';

/**
 * How the receipts of one provider are read: verified over the raw bytes, before any parser sees them, then converted
 * to receipts. Nothing here does I/O except for the SNS certificate, whose fetch is passed in.
 */
export interface ReceiptReader {
  /** Refused ones are never parsed and only increment a counter. */
  read(request: ReceiptRequest, trust: ReceiptTrust): ReceiptReading | Promise<ReceiptReading>;
}

export interface ReceiptRequest {
  /** The raw bytes as received. */
  body: Buffer;
  /** Lower-case names. */
  header(name: string): string | undefined;
  /** The public URL that was called, built from the configured base and never from `Host`, with its query. */
  url: string;
  now: Date;
}

/** What authenticates a provider's receipts. */
export interface ReceiptTrust {
  /** Signing secrets or public keys, newest first: two during a rotation. */
  secrets: readonly string[];
  /** SES: the only trusted SNS topic. Any AWS customer can sign a valid message. */
  topicArn?: string | undefined;
  /** SES: fetches the signing certificate (PEM) from an address whose host was checked. */
  certificateAt?(url: string): Promise<string>;
}

export type ReceiptReading =
  | { read: 'receipts'; receipts: Receipt[]; answer?: ReceiptAnswer }
  /** SNS asks to confirm this subscription: fetch the URL (its host was checked). */
  | { read: 'confirmation'; url: string }
  | { read: 'refused'; why: Refusal };

/** `malformed`: signed or not, this is not a receipt. */
export type Refusal = 'malformed' | 'forged' | 'stale';

/** If a provider requires more than an empty 2xx. */
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
 * Text of an untrusted field, truncated; undefined if it is not text. Without NUL and lone surrogates, which PostgreSQL
 * rejects: one such receipt would fail all that share its commit, and its provider would repeat it for days.
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
  // The range of PostgreSQL and RFC 3339; a time in milliseconds instead of seconds is far outside.
  return date >= FIRST_TIME && date < LAST_TIME ? date : undefined;
}

const FIRST_TIME = new Date('1970-01-01T00:00:00Z');
const LAST_TIME = new Date('9999-01-01T00:00:00Z');

/** For an open or a click as reported by a provider; undefined if it does not quote the agent. */
export function machineOf(userAgent: unknown): boolean | undefined {
  return typeof userAgent === 'string' ? isMachineAgent(userAgent) : undefined;
}

/** Drops undefined members: an absent member is not the same as an undefined one. */
export function known<T extends object>(fields: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]?: Exclude<T[K], undefined>;
  };
}

/** The attempt id from its two parts, which were sent separately. */
export function attemptFrom(notificationId: unknown, n: unknown): string | undefined {
  const id = text(notificationId, 36);
  const number = text(n, 6);
  return id && number && /^\d+$/.test(number) ? `${id}/${number}` : undefined;
}
