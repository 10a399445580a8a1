import { expect, test } from 'vitest';
import { PROBLEMS, ProblemError, problemBody } from './problem.ts';

test('each code has the status that clients know', () => {
  expect(Object.fromEntries(Object.entries(PROBLEMS).map(([code, { status }]) => [code, status]))).toEqual({
    malformed_json: 400,
    malformed_request: 400,
    unauthenticated: 401,
    forbidden: 403,
    wrong_environment: 403,
    not_found: 404,
    method_not_allowed: 405,
    request_timeout: 408,
    idempotency_conflict: 409,
    conflict: 409,
    invalid_state: 409,
    too_large: 413,
    unsupported_media_type: 415,
    expectation_failed: 417,
    invalid_request: 422,
    unknown_template: 422,
    unknown_audience: 422,
    empty_audience: 422,
    not_published: 422,
    stale_review: 409,
    missing_variables: 422,
    unknown_recipient: 422,
    no_contact_point: 422,
    rate_limited: 429,
    headers_too_large: 431,
    internal: 500,
    unavailable: 503,
  });
});

test('a problem has its code, status and request, and lists fields only if there are any', () => {
  const errors = [{ path: 'to', message: 'is missing' }];
  const body = (given: readonly { path: string; message: string }[] | undefined) =>
    problemBody(
      new ProblemError('invalid_request', 'to: is missing', given ? { errors: given } : {}),
      'https://api.test/docs/problems',
      'req-1',
    );
  const shared = {
    type: 'https://api.test/docs/problems#invalid_request',
    title: 'The request is not valid',
    status: 422,
    code: 'invalid_request',
    detail: 'to: is missing',
    request_id: 'req-1',
  };
  expect(body(errors)).toEqual({ ...shared, errors });
  expect(body([])).toEqual(shared);
  expect(body(undefined)).toEqual(shared);
});

test('the cause of a problem is kept', () => {
  const cause = new Error('why');
  expect(new ProblemError('internal', 'd', { cause }).cause).toBe(cause);
  expect('cause' in new ProblemError('internal', 'd')).toBe(false);
});

test('a problem of a field, with a time to retry or with headers, keeps them; another one has none', () => {
  const errors = [{ path: 'to', message: 'is missing' }];
  const given = { errors, retryAfterSeconds: 3, headers: { allow: 'GET' } };
  expect(new ProblemError('rate_limited', 'd', given)).toMatchObject({ ...given, status: 429, message: 'd' });
  const bare = new ProblemError('internal', 'd');
  expect([bare.errors, bare.retryAfterSeconds, bare.headers]).toEqual([undefined, undefined, undefined]);
  expect(bare.name).toBe('ProblemError');
});
