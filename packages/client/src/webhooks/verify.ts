import type { CarillonEvent } from './event.ts';
import { requireHeader, type WebhookHeaders } from './webhook-headers.ts';
import { WebhookRefused } from './webhook-refused.ts';

export interface VerifyOptions {
  /**
   * The allowed difference between its time and now, in either direction. Default: 300, as the specification suggests.
   */
  toleranceSeconds?: number;
  /** Instead of the clock. */
  now?: Date;
}

const TOLERANCE_SECONDS = 300;
/** Two are sent while a secret rotates; more than a few are an attempt to waste CPU time. */
const MOST_SIGNATURES = 16;

/** Webhooks that Carillon sends you, by the Standard Webhooks specification (https://www.standardwebhooks.com). */
export const webhooks = {
  /**
   * Accepts a webhook only if it is signed with one of your secrets and recent: HMAC-SHA256 over `id.timestamp.body`,
   * compared in constant time by the runtime's Web Crypto.
   *
   * A webhook is delivered at least once. Its `id` is the same in every try: drop duplicates.
   *
   * @param rawBody as received (`await request.text()`): JSON that was parsed and serialized again has other bytes.
   * @param secrets `whsec_...` of the endpoint; both while one rotates.
   * @throws WebhookRefused with its reason; TypeError for invalid arguments.
   */
  async verify(
    rawBody: string | Uint8Array | ArrayBuffer,
    headers: WebhookHeaders,
    secrets: string | readonly string[],
    { toleranceSeconds = TOLERANCE_SECONDS, now = new Date() }: VerifyOptions = {},
  ): Promise<CarillonEvent> {
    if (!(typeof toleranceSeconds === 'number' && toleranceSeconds >= 0))
      throw new TypeError(`toleranceSeconds is ${String(toleranceSeconds)}; it must be a number from 0`);
    const body = bytesOf(rawBody);
    const keys = (typeof secrets === 'string' ? [secrets] : secrets).map(keyOf);
    if (keys.length === 0) throw new TypeError('There is no secret; pass the whsec_... of the endpoint.');
    const id = requireHeader(headers, 'webhook-id');
    const timestamp = requireHeader(headers, 'webhook-timestamp');
    const signatures = signaturesOf(requireHeader(headers, 'webhook-signature'));
    if (!/^\d{1,12}$/.test(timestamp)) {
      throw new WebhookRefused('malformed', 'The webhook-timestamp is not a number of seconds.');
    }
    if (!(await isSigned(signed(id, timestamp, body), signatures, keys))) {
      throw new WebhookRefused('forged', 'The webhook-signature fits none of the secrets.');
    }
    const offSeconds = Math.abs(now.getTime() / 1000 - Number(timestamp));
    if (!(offSeconds <= toleranceSeconds)) {
      throw new WebhookRefused(
        'stale',
        `It was signed ${Math.round(offSeconds)} s from now; at most ${toleranceSeconds} s are allowed.`,
      );
    }
    return eventOf(id, body);
  },
};

function bytesOf(rawBody: unknown): Uint8Array {
  if (typeof rawBody === 'string') return new TextEncoder().encode(rawBody);
  if (rawBody instanceof Uint8Array) return rawBody;
  if (rawBody instanceof ArrayBuffer) return new Uint8Array(rawBody);
  throw new TypeError(
    'The body must be the raw one, as text or bytes; an object that a JSON parser made has lost what was signed.',
  );
}

/** Never contains the secret: errors end up in logs. */
function keyOf(secret: unknown): Uint8Array<ArrayBuffer> {
  const bytes = typeof secret === 'string' ? fromBase64(secret.replace(/^whsec_/, '')) : null;
  if (bytes && bytes.length > 0) return bytes;
  throw new TypeError('A secret is not one: it reads whsec_ and base64. Copy it as it was shown.');
}

function signaturesOf(header: string): Uint8Array<ArrayBuffer>[] {
  return header
    .split(' ', MOST_SIGNATURES)
    .filter((part) => part.startsWith('v1,'))
    .flatMap((part) => fromBase64(part.slice(3)) ?? []);
}

function signed(id: string, timestamp: string, body: Uint8Array): Uint8Array<ArrayBuffer> {
  const head = new TextEncoder().encode(`${id}.${timestamp}.`);
  const whole = new Uint8Array(head.length + body.length);
  whole.set(head);
  whole.set(body, head.length);
  return whole;
}

async function isSigned(
  content: Uint8Array<ArrayBuffer>,
  signatures: readonly Uint8Array<ArrayBuffer>[],
  keys: readonly Uint8Array<ArrayBuffer>[],
): Promise<boolean> {
  for (const raw of keys) {
    const key = await crypto.subtle.importKey('raw', raw, { name: 'HMAC', hash: 'SHA-256' }, false, [
      'verify',
    ]);
    for (const signature of signatures) {
      if (await crypto.subtle.verify('HMAC', key, signature, content)) return true;
    }
  }
  return false;
}

function eventOf(id: string, body: Uint8Array): CarillonEvent {
  let event: unknown;
  try {
    event = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body));
  } catch {
    throw new WebhookRefused('not_an_event', 'The body is not JSON in UTF-8.');
  }
  const { type, timestamp, data } = (event ?? {}) as Record<string, unknown>;
  if (
    typeof type !== 'string' ||
    typeof timestamp !== 'string' ||
    typeof data !== 'object' ||
    data === null
  ) {
    throw new WebhookRefused('not_an_event', 'The body is not { type, timestamp, data }.');
  }
  return { id, type, timestamp, data } as CarillonEvent;
}

function fromBase64(text: string): Uint8Array<ArrayBuffer> | null {
  if (!/^[A-Za-z0-9+/]*={0,2}$/.test(text)) return null;
  try {
    return Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
  } catch {
    return null;
  }
}
