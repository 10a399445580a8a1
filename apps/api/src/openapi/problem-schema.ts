import { PROBLEMS, type ProblemCode } from '@carillon/core/text/problem';
import { z } from '@hono/zod-openapi';

const CODES = Object.keys(PROBLEMS) as [ProblemCode, ...ProblemCode[]];

export const problemSchema = z
  .object({
    type: z.string().describe('Where this code is explained.'),
    title: z.string(),
    status: z.int(),
    code: z.enum(CODES).describe('Branch on this; it never changes its meaning.'),
    detail: z.string().describe('For people: what was wrong, the value, the bound, the remedy.'),
    request_id: z.string().describe('The same as the X-Request-Id header; name it when you ask for help.'),
    errors: z
      .array(z.object({ path: z.string(), message: z.string() }))
      .optional()
      .describe('One entry per field.'),
    current: z
      .unknown()
      .optional()
      .describe('Of a `conflict`: what is there now, as its GET answers it; left out if nothing is.'),
    counts: z
      .unknown()
      .optional()
      .describe('Of a campaign that is refused for its review: whom it would reach, as `of` of the review.'),
  })
  .openapi('Problem');

/** The `responses` of a route for the codes it can answer with; 401, 429 and 503 are implied. */
export function problemResponses(...codes: ProblemCode[]) {
  const byStatus = new Map<number, ProblemCode[]>();
  for (const code of ['unauthenticated', 'forbidden', 'rate_limited', 'unavailable', ...codes] as const) {
    const status = PROBLEMS[code].status;
    byStatus.set(status, [...new Set([...(byStatus.get(status) ?? []), code])]);
  }
  return Object.fromEntries(
    [...byStatus].map(([status, of]) => [
      status,
      {
        description: descriptionOf(of),
        content: { 'application/problem+json': { schema: problemSchema } },
      },
    ]),
  );
}

/**
 * The same for bare codes, in the document's form: for answers that are added to every operation.
 *
 * @returns the answers by status.
 */
export function describeProblems(codes: readonly ProblemCode[]): Record<string, unknown> {
  const byStatus = new Map<number, ProblemCode[]>();
  for (const code of new Set(codes)) {
    const { status } = PROBLEMS[code];
    byStatus.set(status, [...(byStatus.get(status) ?? []), code]);
  }
  const schema = { $ref: '#/components/schemas/Problem' };
  return Object.fromEntries(
    [...byStatus].map(([status, of]) => [
      String(status),
      { description: descriptionOf(of), content: { 'application/problem+json': { schema } } },
    ]),
  );
}

function descriptionOf(codes: readonly ProblemCode[]): string {
  return codes.map((code) => `\`${code}\`: ${PROBLEMS[code].title}`).join('; ');
}
