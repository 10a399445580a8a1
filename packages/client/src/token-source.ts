import { CarillonError } from './carillon-error.ts';

/** Where the bearer of requests comes from, when it does not stay the same: tokens of recipients end. */
export interface TokenSource {
  /** The token to use now. */
  get(): Promise<string>;
  /** The API refused this one. @returns whether `get` may give another. */
  refused(token: string): boolean;
}

/**
 * Keeps the token of a function until the API refuses it. Calls that need one at the same time share one call of the
 * function.
 *
 * @param getToken asks your own server for a token.
 */
export function renewedTokens(getToken: () => string | Promise<string>): TokenSource {
  let current: Promise<string> | null = null;
  /** What `current` resolved to. */
  let known: string | null = null;
  const renew = (): Promise<string> => {
    const asked = ask(getToken).then((token) => {
      known = token;
      return token;
    });
    // The next call asks again.
    asked.catch(() => {
      if (current === asked) current = null;
    });
    return asked;
  };
  return {
    get: async () => (current ??= renew()),
    refused: (token) => {
      // Another call may have found out before.
      if (token === known) current = known = null;
      return true;
    },
  };
}

async function ask(getToken: () => string | Promise<string>): Promise<string> {
  let token: unknown;
  try {
    token = await getToken();
  } catch (cause) {
    const detail = `getToken failed: ${(cause as Partial<Error> | undefined)?.message ?? String(cause)}`;
    throw new CarillonError('no_token', detail, { cause });
  }
  assertToken(token, 'getToken returned');
  return token;
}

/** Never says what it is: errors end up in logs. */
export function assertToken(token: unknown, where: string): asserts token is string {
  if (typeof token === 'string' && /^[\x21-\x7e]+$/.test(token)) return;
  throw new TypeError(`${where} something that is no token: pass "crt_...", as your server got it`);
}
