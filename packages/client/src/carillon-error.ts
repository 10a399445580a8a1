import type { Problem } from './api-types.ts';

/**
 * The error code, to branch on. The API's codes never change their meaning, but newer servers may add codes. Four are
 * the client's:
 *
 * - `unreachable`: no answer arrived (network, DNS, TLS, a proxy that closed the connection).
 * - `timed_out`: no answer arrived within `timeoutMs`.
 * - `unexpected_answer`: an answer arrived, but not from the API: a proxy's page, a redirect, invalid JSON.
 * - `no_token`: nothing was requested, because `getToken` of a RecipientInbox failed; `cause` is its error.
 */
export type ErrorCode =
  | Problem['code']
  | 'unreachable'
  | 'timed_out'
  | 'unexpected_answer'
  | 'no_token'
  | (string & Record<never, never>);

export type FieldError = NonNullable<Problem['errors']>[number];

export interface ErrorFacts {
  status?: number | null;
  errors?: readonly FieldError[] | undefined;
  requestId?: string | null;
  retryAfterSeconds?: number | null;
  current?: unknown;
  cause?: unknown;
}

/** Every failure of a call. A refusal carries the fields of the API's problem details (RFC 9457). */
export class CarillonError extends Error {
  override readonly name = 'CarillonError';
  readonly code: ErrorCode;
  /** Of the HTTP answer; null if none arrived. */
  readonly status: number | null;
  /** For people: the problem, the value, the bound, the remedy. */
  readonly detail: string;
  /** One entry per invalid field of the request. */
  readonly errors: readonly FieldError[];
  /** Quote it when you ask the operators for help. */
  readonly requestId: string | null;
  /** The wait that the API requests before the next request. */
  readonly retryAfterSeconds: number | null;
  /** Of a `conflict`: what is there now, as its GET answers it; undefined if nothing is. */
  readonly current: unknown;
  /** Of a send: repeat the send with it and it cannot be sent twice, whether or not the first one was stored. */
  idempotencyKey: string | null = null;
  /** Requests that were made. */
  tries = 1;

  constructor(code: ErrorCode, detail: string, facts: ErrorFacts = {}) {
    super(`${code}: ${detail}`, facts.cause === undefined ? undefined : { cause: facts.cause });
    this.code = code;
    this.detail = detail;
    this.status = facts.status ?? null;
    this.errors = facts.errors ?? [];
    this.requestId = facts.requestId ?? null;
    this.retryAfterSeconds = facts.retryAfterSeconds ?? null;
    this.current = facts.current;
  }

  static fromProblem(problem: Problem, retryAfterSeconds: number | null = null): CarillonError {
    const { code, detail, status, errors, request_id: requestId, current } = problem;
    return new CarillonError(code, detail, { status, errors, requestId, retryAfterSeconds, current });
  }
}
