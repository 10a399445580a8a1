import type { Problem } from './api-types.ts';

/**
 * What went wrong, to branch on. The API's own codes never change their meaning, but newer servers may have more of
 * them. Three are the client's:
 *
 * - `unreachable`: no answer came (network, DNS, TLS, a proxy that hung up).
 * - `timed_out`: no answer came within `timeoutMs`.
 * - `unexpected_answer`: an answer came, but not from the API: a proxy's page, a redirect, broken JSON.
 */
export type ErrorCode =
  | Problem['code']
  | 'unreachable'
  | 'timed_out'
  | 'unexpected_answer'
  | (string & Record<never, never>);

export type FieldError = NonNullable<Problem['errors']>[number];

export interface ErrorFacts {
  status?: number | null;
  errors?: readonly FieldError[] | undefined;
  requestId?: string | null;
  retryAfterSeconds?: number | null;
  cause?: unknown;
}

/** Every failure of a call. A refusal carries the fields of the API's problem details (RFC 9457). */
export class CarillonError extends Error {
  override readonly name = 'CarillonError';
  readonly code: ErrorCode;
  /** Of the HTTP answer; null if none came. */
  readonly status: number | null;
  /** For people: what was wrong, the value, the bound, the remedy. */
  readonly detail: string;
  /** One entry per field of the request that is wrong. */
  readonly errors: readonly FieldError[];
  /** Name it when you ask the operators for help. */
  readonly requestId: string | null;
  /** How long the API asks to wait before the next request. */
  readonly retryAfterSeconds: number | null;
  /** Of a send: repeat the send with it and it cannot double, whatever became of the first one. */
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
  }

  static fromProblem(problem: Problem, retryAfterSeconds: number | null = null): CarillonError {
    const { code, detail, status, errors, request_id: requestId } = problem;
    return new CarillonError(code, detail, { status, errors, requestId, retryAfterSeconds });
  }
}
