import { readToken, signToken } from '../access/signed-token.ts';
import type { KeyRing } from '../notification/envelope.ts';
import type { Environment } from '../notification/environment.ts';
import { ENVIRONMENTS } from '../notification/environment.ts';

/**
 * Payload of an unsubscribe link: the person, the app and the category. A known person is named by the app's own id; a
 * bare address only by its hash, so that a link never contains an address. No time limit: a link in an old e-mail must
 * still work.
 */
export interface UnsubscribeLink {
  appId: string;
  environment: Environment;
  category: string;
  recipientId?: string;
  /** addressHash of the e-mail address, hex; where there is no recipient. */
  addressHash?: string;
}

const PURPOSE = 'unsubscribe';

/** @param baseUrl where the API is reached, without a slash at the end. */
export function unsubscribeUrl(baseUrl: string, ring: KeyRing, link: UnsubscribeLink): string {
  const { appId: a, environment: e, category: c, recipientId: r, addressHash: h } = link;
  return `${baseUrl}/v1/unsubscribe/${signToken(ring, PURPOSE, { a, e, c, r, h })}`;
}

/** @returns null for an invalid token. */
export function readUnsubscribeToken(ring: KeyRing, token: string): UnsubscribeLink | null {
  const said = readToken(ring, PURPOSE, token);
  if (said === null) return null;
  const { a, e, c, r, h } = said;
  const environment = ENVIRONMENTS.find((each) => each === e);
  if (typeof a !== 'string' || environment === undefined || typeof c !== 'string') return null;
  return {
    appId: a,
    environment,
    category: c,
    ...(typeof r === 'string' ? { recipientId: r } : {}),
    ...(typeof h === 'string' ? { addressHash: h } : {}),
  };
}
