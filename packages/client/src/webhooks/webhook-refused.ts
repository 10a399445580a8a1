/**
 * Why a webhook was not believed.
 *
 * - `missing_header`, `malformed`: not sent by Carillon, or changed on its way (a proxy that drops headers?).
 * - `forged`: the signature fits none of the secrets. Also when the body is not the raw one, or the secret is another
 *   endpoint's.
 * - `stale`: well signed, but too long ago or ahead: a replayed capture, or a clock that is wrong.
 * - `not_an_event`: well signed, but not what Carillon sends.
 */
export type RefusalReason = 'missing_header' | 'malformed' | 'forged' | 'stale' | 'not_an_event';

/** Thrown for what must not be trusted. Answer it with 400 and do nothing else. */
export class WebhookRefused extends Error {
  override readonly name = 'WebhookRefused';
  readonly reason: RefusalReason;

  constructor(reason: RefusalReason, message: string) {
    super(message);
    this.reason = reason;
  }
}
