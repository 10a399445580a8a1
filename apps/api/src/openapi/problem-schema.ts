import { PROBLEMS, type ProblemCode } from '@carillon/core/problem';
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
  })
  .openapi('Problem');

/** The `responses` of a route for the codes it can answer with; 401, 429 and 503 go without saying. */
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
        description: of.map((code) => `\`${code}\`: ${PROBLEMS[code].title}`).join('; '),
        content: { 'application/problem+json': { schema: problemSchema } },
      },
    ]),
  );
}
