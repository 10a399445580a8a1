/** An answer of the API that is not a success. */
export class CallError extends Error {
  readonly status: number;
  constructor(status: number) {
    super(`the API answered ${status}`);
    this.status = status;
  }
}

/** Calls of one person. A token that has ended is replaced once per call, by asking the page for another. */
export interface Session {
  /** @throws CallError, or what `fetch` throws without a network. */
  call<Answer>(method: string, path: string, body?: unknown): Promise<Answer>;
  /** The answer as it comes, for the stream. */
  open(path: string, signal: AbortSignal): Promise<Response>;
  token(): Promise<string>;
  /** The token has ended: the next call asks for another. */
  renew(): void;
}

/** @param ask gives a token; called again when one has ended. */
export function createSession(apiUrl: string, ask: () => Promise<string>): Session {
  let token: Promise<string> | null = null;
  const renew = () => {
    token = null;
  };
  const current = () => {
    token ??= ask();
    // A failed request for a token is not kept: the next call asks again.
    token.catch(renew);
    return token;
  };

  const send = async (path: string, init: RequestInit): Promise<Response> => {
    const request = async (bearer: string) =>
      fetch(apiUrl + path, {
        credentials: 'omit',
        cache: 'no-store',
        ...init,
        headers: { ...init.headers, authorization: `Bearer ${bearer}` },
      });
    const asked = current();
    const bearer = await asked;
    const response = await request(bearer);
    if (response.status !== 401) return response;
    if (token === asked) renew();
    const next = await current();
    return next === bearer ? response : request(next);
  };

  return {
    renew,
    token: current,
    open: (path, signal) => send(path, { signal }),
    async call(method, path, body) {
      const response = await send(path, {
        method,
        // The page may be left by the click that caused this call.
        keepalive: method !== 'GET',
        ...(body === undefined
          ? {}
          : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
      });
      if (!response.ok) throw new CallError(response.status);
      return response.json();
    },
  };
}
