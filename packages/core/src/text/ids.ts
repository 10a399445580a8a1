import { hash, randomBytes } from 'node:crypto';
import type { Environment } from '../notification/environment.ts';

/**
 * One id from the request to the provider. The primary key *is* the idempotency constraint: a second request with the
 * same key computes the same id and cannot create a second row, even if the two race.
 *
 * @returns a version-8 UUID (RFC 9562, section 5.8) over SHA-256 of app, environment and idempotency key. Each part is
 * preceded by its length, so that different triples never give the same input.
 */
export function notificationId(appId: string, environment: Environment, idempotencyKey: string): string {
  return uuidV8(hash('sha256', framed(appId, environment, idempotencyKey), 'buffer'));
}

/** The id of the n-th provider call (n from 1): passed to the provider, so that its answers and receipts contain it. */
export function attemptId(notification: string, n: number): string {
  return `${notification}/${n}`;
}

/** Attempts are counted by a smallint. */
const MAX_ATTEMPT = 32_767;

/** Parses an attempt id; null if it is not one (receipts are untrusted input). */
export function parseAttemptId(text: string): { notificationId: string; n: number } | null {
  const match = /^([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})\/([1-9]\d{0,4})$/.exec(text);
  const n = Number(match?.[2]);
  return match && n <= MAX_ATTEMPT ? { notificationId: match[1]!, n } : null;
}

/** The idempotency key of "this event, by this template, to this person": the same event notifies a person once. */
export function eventKey(recipientId: string, template: string, eventId: string): string {
  return `evt_${hash('sha256', framed(recipientId, template, eventId), 'hex')}`;
}

/** A key for a request without one: 128 random bits, returned to the caller so that it can repeat the request. */
export function randomIdempotencyKey(): string {
  return `auto_${randomBytes(16).toString('hex')}`;
}

/** The job id of a chunk: the same ids in the same order give the same job, so a repeated publish adds nothing. */
export function chunkId(ids: readonly string[]): string {
  return `chunk_${hash('sha256', ids.join(), 'hex').slice(0, 32)}`;
}

/** Each part after its length, so that different lists of parts never give the same input. */
export function framed(...parts: string[]): string {
  return parts.map((part) => `${part.length}:${part};`).join('');
}

function uuidV8(digest: Buffer): string {
  digest[6] = (digest[6]! & 0x0f) | 0x80;
  digest[8] = (digest[8]! & 0x3f) | 0x80;
  const hex = digest.toString('hex', 0, 16);
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}
