import { OwnError } from '@carillon/core/program/own-error';
import { importPKCS8, SignJWT } from 'jose';
import { createHttpClient, type HttpClientOptions } from '../http/http-client.ts';
import { jsonObject } from '../outcome/parse-response.ts';

/**
 * The access token of a Google service account (OAuth 2.0 for service accounts): a JWT signed with its key, exchanged
 * for a token that lasts an hour. Fetched once for all calls and renewed before it ends. firebase-admin's own
 * credential fetches without its agent, so it could not be pointed anywhere but Google.
 */
export interface ServiceAccount {
  project_id: string;
  client_email: string;
  /** PKCS #8 PEM, RSA. */
  private_key: string;
  token_uri: string;
}

export interface AccessToken {
  access_token: string;
  expires_in: number;
}

export interface TokenSource {
  /** @throws TokenRefused or the error of the connection. */
  get(): Promise<AccessToken>;
  /** The provider rejected the token: the next `get` fetches a new one. */
  forget(): void;
  close(): Promise<void>;
}

/** Google answered without a token: the key was revoked, the clock is wrong, or the account is disabled. */
export class TokenRefused extends OwnError {
  readonly status: number;

  constructor(status: number) {
    super(`the token endpoint answered ${status} without a token`);
    this.name = 'TokenRefused';
    this.status = status;
  }
}

const SCOPE = 'https://www.googleapis.com/auth/firebase.messaging';
const RENEW_BEFORE_END_MS = 5 * 60 * 1000;
/** Not the deadline of one call: many calls wait for the same token. */
const TIMEOUT_MS = 10_000;

/** @param now milliseconds since the epoch: what the assertion says about its time must be right. */
export function serviceAccountTokens(
  account: ServiceAccount,
  client: HttpClientOptions,
  now: () => number = Date.now,
): TokenSource {
  const { origin, pathname, search } = new URL(account.token_uri);
  const http = createHttpClient(origin, { ...client, connections: 1 });
  let current: { token: AccessToken; renewAtMs: number } | undefined;
  let fetching: Promise<AccessToken> | undefined;

  const fetchToken = async (): Promise<AccessToken> => {
    const form = new URLSearchParams({
      grant_type: 'urn:ietf:params:oauth:grant-type:jwt-bearer',
      assertion: await assertion(account, now()),
    });
    const answer = await http.post({
      path: pathname + search,
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: form.toString(),
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    if (answer.phase !== 'answered') throw answer.error;
    const { access_token, expires_in } = jsonObject(answer.body) ?? {};
    if (answer.status !== 200 || typeof access_token !== 'string' || typeof expires_in !== 'number') {
      throw new TokenRefused(answer.status);
    }
    const renewInMs = Math.max(expires_in * 1000 - RENEW_BEFORE_END_MS, expires_in * 500);
    current = { token: { access_token, expires_in }, renewAtMs: now() + renewInMs };
    return current.token;
  };

  return {
    async get() {
      if (current && now() < current.renewAtMs) return current.token;
      fetching ??= fetchToken().finally(() => {
        fetching = undefined;
      });
      return fetching;
    },
    forget() {
      current = undefined;
    },
    close: () => http.close(),
  };
}

async function assertion(account: ServiceAccount, nowMs: number): Promise<string> {
  const seconds = Math.floor(nowMs / 1000);
  const key = await importPKCS8(account.private_key, 'RS256');
  return new SignJWT({ scope: SCOPE })
    .setProtectedHeader({ alg: 'RS256', typ: 'JWT' })
    .setIssuer(account.client_email)
    .setAudience(account.token_uri)
    .setIssuedAt(seconds)
    .setExpirationTime(seconds + 3600)
    .sign(key);
}
