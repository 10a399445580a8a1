import { entityTag, isMatch, readIfMatch } from '@carillon/core/text/entity-tag';
import { ProblemError } from '@carillon/core/text/problem';
import { show } from '@carillon/core/text/show';
import { z } from '@hono/zod-openapi';
import { invalid } from './invalid.ts';

/** For `headers` of the requests of routes that honour it. */
export const ifMatchHeader = {
  'if-match': z
    .string()
    .max(1000)
    .optional()
    .describe(
      'The `ETag` of the GET that the change starts from. If somebody changed it meanwhile the answer is 409 `conflict` with what is there now as `current`, and nothing is written. Without it the change is made in any case.',
    ),
};

/** For `headers` of answers with an entity tag. */
export const etagHeader = {
  ETag: {
    description: 'For `If-Match` of a change that starts from this answer.',
    schema: { type: 'string' as const },
  },
};

/** The header of an answer. */
export function etagOf(view: unknown): { ETag: string } {
  return { ETag: entityTag(view) };
}

/**
 * The condition of a request as a function that services call under the lock of the row.
 *
 * @param header `If-Match` as it was given.
 * @param view makes of a row what its GET answers.
 * @returns undefined without a condition. The function throws ProblemError 409 with what is there now.
 * @throws ProblemError 422 for a header that is not one.
 */
export function ifMatch<Row>(
  header: string | undefined,
  view: (row: Row) => unknown,
): ((current: Row | null) => void) | undefined {
  if (header === undefined) return undefined;
  const condition = readIfMatch(header);
  if (condition === null) {
    const message = `${show(header)} is not an entity tag; give the ETag of a GET with its quotes, several of them with commas, or *`;
    throw invalid([{ path: 'If-Match', message }]);
  }
  return (row) => {
    const current = row === null ? null : view(row);
    const tag = current === null ? null : entityTag(current);
    if (isMatch(condition, tag)) return;
    if (tag === null)
      throw new ProblemError(
        'conflict',
        'There is nothing here any more, so it cannot be what If-Match names. Send the change without If-Match to create it again.',
      );
    throw new ProblemError(
      'conflict',
      `Somebody changed this since it was read: If-Match is ${show(header)}, its ETag is ${tag} now. Nothing was written. Look at "current", put both changes together, and send the result with the new ETag.`,
      { current, headers: { ETag: tag } },
    );
  };
}
