/**
 * Idempotency keys: the same key is the same notification, however often and from wherever it is sent.
 *
 * `from` makes one out of what the notification is about, so that two processes that hear of the same event, or one
 * that hears of it twice, send once without telling each other.
 */
export const idempotencyKey = {
  /**
   * "This event, by this template, to this person". `evt_` and the SHA-256 (64 hex digits) of the three parts, each
   * preceded by its length so that no two triples read alike.
   *
   * It is the very key that the API makes for a send with `to.recipient_id`, `template` and `event_id` and no key: use
   * either. The key alone does not make a request a repeat, its other fields count too: one send with `event_id` and
   * one with this key are different requests, and the second is refused with 409 `idempotency_conflict` instead of
   * being sent again.
   *
   * @param recipient your id of the person, or the address you send to.
   * @param template its key; '' with inline content.
   * @param event your id of what happened: `order-17-shipped`, or the id of a message of your queue.
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

  /** A key for one send, which means nothing: 128 random bits. */
  random(): string {
    return `auto_${hex(crypto.getRandomValues(new Uint8Array(16)))}`;
  },
};

const hex = (bytes: Uint8Array): string =>
  Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
