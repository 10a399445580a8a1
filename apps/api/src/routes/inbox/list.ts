import { INBOX_STATUSES } from '@carillon/core/inbox/message';
import { listInbox } from '@carillon/db/inbox/list-messages';
import { noSuchInbox } from '@carillon/services/inbox/change';
import { createRoute, z } from '@hono/zod-openapi';
import { category } from '../../accept/fields.ts';
import type { Api, ApiDeps } from '../../deps.ts';
import { problemResponses } from '../../openapi/problem-schema.ts';
import { fromCursor, limitOf, pageQuery, pageSchema, TIME_AND_ID, toCursor } from '../cursor.ts';
import type { InboxAccess } from './access.ts';
import { countsShape, messageSchema, sequenceField, viewCounts } from './message-schema.ts';

const answerSchema = pageSchema(messageSchema)
  .extend({ ...countsShape, sequence: sequenceField })
  .openapi('InboxPage');

const querySchema = z.strictObject({
  status: z
    .enum(INBOX_STATUSES)
    .optional()
    .describe(
      'Without it: everything that is neither archived nor snoozed; `unread`, `unseen` and `read` are parts of that.',
    ),
  category: category().optional(),
  ...pageQuery,
});

/** GET: the messages of an inbox. */
export function registerListInbox(app: Api, { db }: ApiDeps, access: InboxAccess): void {
  const route = createRoute({
    method: 'get',
    path: access.path,
    operationId: `listInbox${access.suffix}`,
    summary: 'List the messages of an inbox',
    description:
      'Newest first; a message whose snooze ended comes first again. The counts are those of the whole inbox, whatever the filter, and of the same moment as the page.',
    tags: [access.tag],
    ...access.reads,
    request: { params: access.params, query: querySchema },
    responses: {
      200: { description: 'One page.', content: { 'application/json': { schema: answerSchema } } },
      ...problemResponses('not_found', 'invalid_request'),
    },
  });
  app.openapi(route, async (c) => {
    const { cursor, limit, ...filter } = c.req.valid('query');
    const [at, id] = cursor === undefined ? [] : fromCursor(cursor, TIME_AND_ID);
    const before = at === undefined || id === undefined ? undefined : { at, id };
    const page = await listInbox(db.sql, access.ownerOf(c), filter, before, limitOf(limit));
    if (page === null) throw noSuchInbox();
    const answer = {
      data: page.messages.map(access.viewOf(c)),
      next_cursor: page.next && toCursor([page.next.at, page.next.id]),
      ...viewCounts(page),
      sequence: page.last,
    };
    return c.json(answer, 200);
  });
}
