import { readInboxState } from '@carillon/db/inbox/list-messages';
import { refusedField } from '@carillon/services/context';
import { noSuchInbox } from '@carillon/services/inbox/change';
import { createRoute, z } from '@hono/zod-openapi';
import type { Api, ApiDeps } from '../../deps.ts';
import { problemResponses } from '../../openapi/problem-schema.ts';
import { EVENT_STREAM_HEADERS } from '../event-stream.ts';
import { BY_TOKEN, type InboxAccess } from './access.ts';
import { viewCounts } from './message-schema.ts';

const NUMBER = /^\d{1,15}$/;

const after = z
  .string()
  .regex(NUMBER, 'is not a number of a change; give the `sequence` of a list or the id of an event')
  .optional()
  .openapi({ type: 'integer', minimum: 0 })
  .describe(
    'The number of the last change that the client knows. Without it the stream begins at the present.',
  );

const token = z
  .string()
  .max(2_000)
  .optional()
  .describe('The token of the recipient, for EventSource, which cannot set headers. Never logged.');

/** GET .../stream: server-sent events. */
export function registerStreamInbox(app: Api, { db, inboxStreams }: ApiDeps, access: InboxAccess): void {
  const inQuery =
    access === BY_TOKEN ? { token, access_token: token.describe('The same, by RFC 6750.') } : {};
  const route = createRoute({
    method: 'get',
    path: `${access.path}/stream`,
    operationId: `streamInbox${access.suffix}`,
    summary: 'Follow an inbox',
    description:
      'Server-sent events, each with a message as it is now and the number of the change as its id: `message` (stored after `after`), `changed` (an older one), `counts` (`unread_count`, `unseen_count`; after every batch of changes), `reset` (the number is not one of this inbox, after a restore: load the list again) and `closed` (`reason`: `token_expired`, `too_many_streams`, `recipient_erased` or `restarting`), after which the stream ends. The header `Last-Event-ID` wins over `after`. With either of them nothing is missed and nothing sent twice, however long the client was away.',
    tags: [access.tag],
    ...access.reads,
    request: {
      params: access.params,
      query: z.strictObject({ after, ...inQuery }),
      headers: z.object({ 'last-event-id': z.string().max(100).optional() }),
    },
    responses: {
      200: { description: 'The stream.', content: { 'text/event-stream': { schema: z.string() } } },
      ...problemResponses('not_found', 'invalid_request'),
    },
  });
  app.openapi(route, async (c) => {
    const begun = c.req.header('last-event-id') || c.req.valid('query').after;
    if (begun !== undefined && !NUMBER.test(begun))
      throw refusedField('Last-Event-ID', 'is not the id of an event; send it unchanged, or leave it out');
    const options = {
      owner: access.ownerOf(c),
      after: begun === undefined ? null : Number(begun),
      view: access.viewOf(c),
      viewCounts,
    };
    if ((await readInboxState(db.sql, options.owner)) === null) throw noSuchInbox();
    // Masked where it has to be, message by message.
    c.set('isWithoutAddresses', true);
    // Hono answers HEAD by the same function, and nobody would end the stream.
    if (c.req.method === 'HEAD') return c.body(null, 200, EVENT_STREAM_HEADERS) as never;
    return c.body(inboxStreams.open(options, access.endOf(c)), 200, EVENT_STREAM_HEADERS) as never;
  });
}
