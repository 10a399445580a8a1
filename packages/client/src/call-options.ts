/** Options of one call that override those of its client. */
export interface CallOptions {
  /** Ends the call: it rejects with the signal's reason. One signal may serve any number of calls at once. */
  signal?: AbortSignal | undefined;
  /** Timeout of one try, including its answer: a number of milliseconds from 1 to 2,147,483,647. */
  timeoutMs?: number | undefined;
  /** Retries after the first try: a whole number from 0 to 2,147,483,647. */
  retries?: number | undefined;
  /**
   * The `etag` of the answer that a change starts from: if somebody changed it meanwhile nothing is written, and the
   * call rejects with the code `conflict`.
   */
  ifMatch?: string | undefined;
}

/** The longest delay of a timer in every runtime; a longer one would fire at once. */
const MOST = 2 ** 31 - 1;

/**
 * The one check of options, for a client and for each call, before anything is sent.
 *
 * @throws TypeError that names the option, its value and the bound.
 */
export function assertCallOptions({ signal, timeoutMs, retries, ifMatch }: CallOptions): void {
  if (timeoutMs !== undefined && !(typeof timeoutMs === 'number' && timeoutMs >= 1 && timeoutMs <= MOST))
    throw new TypeError(`timeoutMs is ${shown(timeoutMs)}; it must be a number from 1 to ${MOST}`);
  if (retries !== undefined && !(Number.isInteger(retries) && retries >= 0 && retries <= MOST))
    throw new TypeError(`retries is ${shown(retries)}; it must be a whole number from 0 to ${MOST}`);
  if (ifMatch !== undefined && !(typeof ifMatch === 'string' && IF_MATCH.test(ifMatch)))
    throw new TypeError(`ifMatch is ${shown(ifMatch)}; it must be the etag of an answer, with its quotes`);
  if (signal !== undefined && !isSignal(signal))
    throw new TypeError(`signal is ${shown(signal)}; it must be an AbortSignal`);
}

const IF_MATCH = /^(\*|(W\/)?"[\x21\x23-\x7e]*")$/;

function isSignal(signal: unknown): signal is AbortSignal {
  const { aborted, addEventListener } = (signal ?? {}) as Partial<AbortSignal>;
  return typeof aborted === 'boolean' && typeof addEventListener === 'function';
}

function shown(value: unknown): string {
  return typeof value === 'string' ? JSON.stringify(value) : String(value);
}
