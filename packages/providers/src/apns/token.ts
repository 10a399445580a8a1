import { createPrivateKey, sign } from 'node:crypto';

/**
 * Authentication at APNs: a JWT signed with the team's key (ES256). Apple accepts one for up to an hour and rejects
 * (429 TooManyProviderTokenUpdates) new ones more often than every 20 minutes.
 * https://developer.apple.com/documentation/usernotifications/establishing-a-token-based-connection-to-apns
 */
export interface ApnsKey {
  /** Ten characters, as in the name of the key file. */
  keyId: string;
  teamId: string;
  /** The text of the `.p8` file: PKCS #8 PEM, P-256. */
  privateKey: string;
}

export interface ProviderTokens {
  current(): string;
  /**
   * APNs refused this token.
   *
   * @returns false if a new one would not help: this one is so young that the clock or the key must be wrong.
   */
  renew(refused: string): boolean;
}

const RENEW_AT_MS = 40 * 60_000;
const MIN_AGE_MS = 20 * 60_000;

/** @throws if the key is not a P-256 key: at the start, not at the first send. */
export function providerTokens(key: ApnsKey, now: () => number = Date.now): ProviderTokens {
  const privateKey = createPrivateKey(key.privateKey);
  if (privateKey.asymmetricKeyDetails?.namedCurve !== 'prime256v1') {
    throw new Error('credentials.privateKey must be the P-256 key of a .p8 file from Apple');
  }
  const header = base64Json({ alg: 'ES256', kid: key.keyId });
  const make = () => {
    const madeAtMs = now();
    const claims = base64Json({ iss: key.teamId, iat: Math.floor(madeAtMs / 1000) });
    const signed = `${header}.${claims}`;
    const signature = sign('sha256', Buffer.from(signed), { key: privateKey, dsaEncoding: 'ieee-p1363' });
    return { token: `${signed}.${signature.toString('base64url')}`, madeAtMs };
  };
  // Made at the first call, when the time is known for certain.
  let latest: ReturnType<typeof make> | null = null;
  return {
    current() {
      if (latest === null || now() - latest.madeAtMs >= RENEW_AT_MS) latest = make();
      return latest.token;
    },
    renew(refused) {
      // Many calls may have been in flight with the same token: the first of them renews it for all.
      if (refused !== latest?.token) return true;
      if (now() - latest.madeAtMs < MIN_AGE_MS) return false;
      latest = make();
      return true;
    },
  };
}

function base64Json(value: object): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}
