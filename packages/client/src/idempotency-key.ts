import type { SendRequest } from './api-types.ts';

/**
 * Idempotency keys: the same key is the same notification, no matter how often and from where it is sent.
 *
 * `from` derives one from the subject of the notification, so that two processes that receive the same event, or one
 * that receives it twice, send once without coordination.
 */
export const idempotencyKey = {
  /**
   * "This event, by this template, to this person". `evt_` and the SHA-256 (64 hex digits) of the three parts, each
   * preceded by its length so that no two triples have the same encoding.
   *
   * It equals the key that the API derives for a send with `to.recipient_id`, `template` and `event_id` and no key: use
   * either. The key alone does not make a request a repeat, its other fields count too: one send with `event_id` and
   * one with this key are different requests, and the second is refused with 409 `idempotency_conflict` instead of
   * being sent again.
   *
   * @param recipient your id of the person, or the address you send to.
   * @param template its key; '' with inline content.
   * @param event your id of the event: `order-17-shipped`, or the id of a message of your queue.
   */
  async from(recipient: string, template: string, event: string): Promise<string> {
    const parts = { recipient, template, event };
    for (const [name, part] of Object.entries(parts)) {
      if (typeof part !== 'string' || (part === '' && name !== 'template'))
        throw new TypeError(`${name} is ${JSON.stringify(part)}; it must be a text`);
    }
    const framed = Object.values(parts).map((part) => `${part.length}:${part};`);
    const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(framed.join('')));
    return `evt_${hex(new Uint8Array(digest))}`;
  },

  /** A random key for one send: 128 bits. */
  random(): string {
    return `auto_${hex(crypto.getRandomValues(new Uint8Array(16)))}`;
  },
};

const hex = (bytes: Uint8Array): string =>
  Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');

/** With `event_id` the server derives the key, always the same one. */
export function withKey(request: SendRequest): SendRequest {
  if (request.idempotency_key !== undefined || request.event_id !== undefined) return request;
  return { ...request, idempotency_key: idempotencyKey.random() };
}
