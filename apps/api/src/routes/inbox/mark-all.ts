import { markInbox } from '@carillon/services/inbox/change';
import { createRoute, z } from '@hono/zod-openapi';
import { category } from '../../accept/fields.ts';
import type { Api, ApiDeps } from '../../deps.ts';
import { inboxContext } from '../../inbox/inbox-context.ts';
import { outsideDeadline } from '../../middleware/deadline.ts';
import { problemResponses } from '../../openapi/problem-schema.ts';
import type { InboxAccess } from './access.ts';
import { countsShape, sequenceField, viewCounts } from './message-schema.ts';

const answerSchema = z
  .object({
    changed: z.int().describe('Messages that were not so already.'),
    ...countsShape,
    sequence: sequenceField,
  })
  .openapi('InboxMarked');

const querySchema = z.strictObject({
  category: category().optional().describe('Only messages of this category.'),
  up_to: z
    .string()
    .regex(/^\d{1,15}$/, 'is not a number of a change; give the `sequence` of a list or the id of an event')
    .optional()
    .openapi({ type: 'integer', minimum: 0 })
    .describe(
      'Leaves out what arrived after this number: what the person has not been shown. The `sequence` of the list.',
    ),
});

/** POST .../read-all, seen-all. */
export function registerMarkInbox(app: Api, deps: ApiDeps, access: InboxAccess): void {
  for (const to of ['read', 'seen'] as const) {
    const route = createRoute({
      method: 'post',
      path: `${access.path}/${to}-all`,
      operationId: `markInbox${to === 'read' ? 'Read' : 'Seen'}${access.suffix}`,
      summary: `Mark everything in the inbox as ${to}`,
      description:
        'Everything that is neither archived nor snoozed. Can be repeated; thousands of messages take some seconds.',
      tags: [access.tag],
      ...access.writes,
      request: { params: access.params, query: querySchema },
      responses: {
        200: { description: 'Done.', content: { 'application/json': { schema: answerSchema } } },
        ...problemResponses('not_found', 'invalid_request'),
      },
    });
    app.openapi(route, async (c) => {
      const { category, up_to: upTo } = c.req.valid('query');
      const input = {
        owner: access.ownerOf(c),
        to,
        category,
        upTo: upTo === undefined ? undefined : Number(upTo),
      };
      const { changed, last, ...counts } = await outsideDeadline(c, markInbox(inboxContext(deps), input));
      return c.json({ changed, ...viewCounts(counts), sequence: last }, 200);
    });
  }
}
