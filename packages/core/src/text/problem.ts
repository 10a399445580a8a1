/**
 * All refusals of the HTTP API, as data: code -> status and title (RFC 9457 problem details). Codes are part of
 * the public contract: clients branch on them, so they are only ever added.
 */
export const PROBLEMS = {
  malformed_json: { status: 400, title: 'The body is not JSON' },
  malformed_request: { status: 400, title: 'The request is not HTTP as it should be' },
  unauthenticated: { status: 401, title: 'No valid API key' },
  forbidden: { status: 403, title: 'The API key may not do this' },
  wrong_environment: { status: 403, title: 'The API key belongs to the other environment' },
  not_found: { status: 404, title: 'There is nothing here' },
  method_not_allowed: { status: 405, title: 'The path exists, the method does not' },
  request_timeout: { status: 408, title: 'The request did not arrive in time' },
  idempotency_conflict: { status: 409, title: 'The idempotency key was used for another request' },
  conflict: { status: 409, title: 'Somebody else changed it meanwhile' },
  invalid_state: { status: 409, title: 'The state does not allow this' },
  stale_review: { status: 409, title: 'The campaign has to be reviewed again' },
  too_large: { status: 413, title: 'The body is too large' },
  unsupported_media_type: { status: 415, title: 'The content type is not supported' },
  expectation_failed: { status: 417, title: 'The expectation cannot be met' },
  invalid_request: { status: 422, title: 'The request is not valid' },
  unknown_template: { status: 422, title: 'The template does not exist' },
  not_published: { status: 422, title: 'The template has no published version' },
  missing_variables: { status: 422, title: 'Template variables are missing' },
  unknown_audience: { status: 422, title: 'The audience does not exist' },
  empty_audience: { status: 422, title: 'Nobody belongs to the audience' },
  unknown_recipient: { status: 422, title: 'The recipient does not exist' },
  no_contact_point: { status: 422, title: 'No channel of the route can reach the recipient' },
  rate_limited: { status: 429, title: 'Too many requests' },
  headers_too_large: { status: 431, title: 'The header fields are too large' },
  internal: { status: 500, title: 'Internal error' },
  unavailable: { status: 503, title: 'The service cannot accept requests now' },
} as const satisfies Record<string, { status: number; title: string }>;
export type ProblemCode = keyof typeof PROBLEMS;

/** What is wrong with one field. `path` is dotted: `to.phone`, `notifications.3.channel`. */
export interface FieldError {
  path: string;
  message: string;
}

/** The JSON body of an error answer. */
export interface Problem {
  type: string;
  title: string;
  status: number;
  code: ProblemCode;
  detail: string;
  request_id: string;
  errors?: readonly FieldError[];
  current?: unknown;
  counts?: unknown;
}

export interface ProblemExtras {
  errors?: readonly FieldError[];
  /** What is there now, as its GET answers it; for `conflict`. */
  current?: unknown;
  /** The review of a campaign that is refused because of it. */
  counts?: unknown;
  /** Becomes the `Retry-After` header. */
  retryAfterSeconds?: number;
  headers?: Readonly<Record<string, string>>;
  cause?: unknown;
}

/**
 * A refusal with a code. Thrown from handlers and turned into a response by the API's error handler. `detail` gives the
 * fault, the value, the limit and the remedy.
 */
export class ProblemError extends Error {
  readonly code: ProblemCode;
  readonly errors: readonly FieldError[] | undefined;
  readonly current: unknown;
  readonly counts: unknown;
  readonly retryAfterSeconds: number | undefined;
  readonly headers: Readonly<Record<string, string>> | undefined;

  constructor(code: ProblemCode, detail: string, extras: ProblemExtras = {}) {
    super(detail, extras.cause === undefined ? undefined : { cause: extras.cause });
    this.name = 'ProblemError';
    this.code = code;
    this.errors = extras.errors;
    this.current = extras.current;
    this.counts = extras.counts;
    this.retryAfterSeconds = extras.retryAfterSeconds;
    this.headers = extras.headers;
  }

  get status(): number {
    return PROBLEMS[this.code].status;
  }
}

/** @param docsUrl the page that lists all codes; `type` becomes an anchor on it. */
export function problemBody(error: ProblemError, docsUrl: string, requestId: string): Problem {
  const { status, title } = PROBLEMS[error.code];
  return {
    type: `${docsUrl}#${error.code}`,
    title,
    status,
    code: error.code,
    detail: error.message,
    request_id: requestId,
    ...(error.errors && error.errors.length > 0 ? { errors: error.errors } : {}),
    ...(error.current === undefined ? {} : { current: error.current }),
    ...(error.counts === undefined ? {} : { counts: error.counts }),
  };
}
