/**
 * Why a webhook was refused.
 *
 * - `missing_header`, `malformed`: not sent by Carillon, or changed in transit (a proxy that drops headers?).
 * - `forged`: the signature matches none of the secrets. Also when the body is not the raw one, or the secret belongs
 *   to another endpoint.
 * - `stale`: correctly signed, but too far in the past or future: a replayed capture, or a wrong clock.
 * - `not_an_event`: correctly signed, but not an event of Carillon.
 */
export type RefusalReason = 'missing_header' | 'malformed' | 'forged' | 'stale' | 'not_an_event';

/** Thrown for a webhook that must not be trusted. Answer it with 400 and do nothing else. */
export class WebhookRefused extends Error {
  override readonly name = 'WebhookRefused';
  readonly reason: RefusalReason;

  constructor(reason: RefusalReason, message: string) {
    super(message);
    this.reason = reason;
  }
}
