import type { DirectAddress } from '@carillon/core/notification/compose';
import { maskText, shortenToken } from './mask.ts';

export interface ShownAddress {
  kind: string;
  text: string;
  /** Why it is disabled. */
  disabledReason: string | null;
}

/**
 * The addresses of a notification as this person may see them: the request's own, else the recipient's contact points.
 * Device tokens are shortened for every role.
 */
export function addressesOf(
  direct: DirectAddress | null,
  contactPoints: readonly { kind: string; address: string; disabledReason: string | null }[],
  inFull: boolean,
): ShownAddress[] {
  const own = direct ? directPoints(direct) : contactPoints;
  return own.map(({ kind, address, disabledReason }) => ({
    kind,
    text:
      kind === 'email' || kind === 'phone' ? (inFull ? address : maskText(address)) : shortenToken(address),
    disabledReason,
  }));
}

function directPoints({ email, phone, push }: DirectAddress) {
  const points: [kind: string, address: string | undefined][] = [
    ['email', email],
    ['phone', phone],
    ['fcm', push && 'fcm_token' in push ? push.fcm_token : undefined],
    ['apns', push && 'apns_token' in push ? push.apns_token : undefined],
    ['web_push', push && 'subscription' in push ? push.subscription.endpoint : undefined],
  ];
  return points.flatMap(([kind, address]) =>
    address === undefined ? [] : [{ kind, address, disabledReason: null }],
  );
}
