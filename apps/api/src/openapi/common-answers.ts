import type { ProblemCode } from '@carillon/core/text/problem';
import { describeProblems } from './problem-schema.ts';

/** The answers of one operation, by status. */
interface Operation {
  requestBody?: unknown;
  security?: readonly unknown[];
  responses?: Record<string, unknown>;
}

/** The HTTP layer gives these before any route is known. */
const OF_HTTP: readonly ProblemCode[] = [
  'malformed_request',
  'request_timeout',
  'expectation_failed',
  'headers_too_large',
];
/** The answers about the key, for every route that needs one. */
const OF_KEYS: readonly ProblemCode[] = ['unauthenticated', 'forbidden'];
/** The answers of the body reader, also where a body is optional. */
const OF_BODIES: readonly ProblemCode[] = ['malformed_json', 'too_large', 'unsupported_media_type'];

/**
 * Answers that middleware and the HTTP layer may give for every operation. Added to the document in one place, so that
 * no route can omit one.
 *
 * @param paths of the document; changed in place.
 */
export function addCommonAnswers(paths: Record<string, Record<string, unknown>>): void {
  for (const [path, item] of Object.entries(paths)) {
    for (const [method, given] of Object.entries(item)) {
      const operation = given as Operation;
      const hasBody = method !== 'get';
      const isPublic = operation.security?.length === 0;
      const needsDatabase = path !== '/healthz';
      const codes: ProblemCode[] = [
        ...OF_HTTP,
        ...(hasBody && !isPublic ? OF_BODIES : []),
        ...(isPublic ? [] : OF_KEYS),
        // A path or query whose text cannot be stored, and unknown parameters.
        'not_found',
        'invalid_request',
        ...(path.startsWith('/v1/') ? (['rate_limited'] as const) : []),
        ...(needsDatabase ? (['unavailable'] as const) : []),
      ];
      operation.responses = { ...describeProblems(codes), ...merged(operation.responses ?? {}, codes) };
    }
  }
}

/** The route's own description stays; a status that both give lists the codes of both. */
function merged(own: Record<string, unknown>, codes: readonly ProblemCode[]): Record<string, unknown> {
  const common = describeProblems(codes);
  return Object.fromEntries(
    Object.entries(own).map(([status, answer]) => {
      const shared = common[status] as { description: string } | undefined;
      const { description } = answer as { description: string };
      const missing = shared?.description.split('; ').filter((line) => !description.includes(line)) ?? [];
      if (missing.length === 0) return [status, answer];
      return [status, { ...(answer as object), description: [description, ...missing].join('; ') }];
    }),
  );
}
