import {
  INBOX_ACTIONS,
  type InboxAction,
  type InboxChange,
  MAX_SNOOZE_DAYS,
} from '@carillon/core/inbox/message';
import { refusedField } from '@carillon/services/context';
import { changeInboxMessage } from '@carillon/services/inbox/change';
import { createRoute, z } from '@hono/zod-openapi';
import { time } from '../../accept/fields.ts';
import type { Api, ApiDeps } from '../../deps.ts';
import { inboxContext } from '../../inbox/inbox-context.ts';
import { problemResponses } from '../../openapi/problem-schema.ts';
import type { InboxAccess } from './access.ts';
import { messageSchema } from './message-schema.ts';

const SUMMARIES: Readonly<Record<InboxAction, string>> = {
  seen: 'Note that a message was on the screen',
  read: 'Mark a message as read',
  unread: 'Mark a message as unread again',
  archive: 'Archive a message',
  unarchive: 'Take a message out of the archive',
};
const OPERATIONS: Readonly<Record<InboxAction, string>> = {
  seen: 'markInboxMessageSeen',
  read: 'markInboxMessageRead',
  unread: 'markInboxMessageUnread',
  archive: 'archiveInboxMessage',
  unarchive: 'unarchiveInboxMessage',
};

const id = z.uuid().describe("The message: the notification's id.");
const answers = {
  200: {
    description: 'The message as it is now.',
    content: { 'application/json': { schema: messageSchema } },
  },
};

/** POST .../{id}/seen, read, unread, archive, unarchive. */
export function registerChangeInbox(app: Api, deps: ApiDeps, access: InboxAccess): void {
  for (const to of INBOX_ACTIONS) {
    const route = createRoute({
      method: 'post',
      path: `${access.path}/{id}/${to}`,
      operationId: `${OPERATIONS[to]}${access.suffix}`,
      summary: SUMMARIES[to],
      description:
        'Can be repeated: what is so already changes nothing. The first time that a message is seen, and that it is read, is a receipt: it stands in the timeline of the notification, and is the event `notification.seen` or `notification.read`.',
      tags: [access.tag],
      ...access.writes,
      request: { params: access.params.extend({ id }) },
      responses: { ...answers, ...problemResponses('not_found', 'invalid_request') },
    });
    app.openapi(route, async (c) => {
      const input = { owner: access.ownerOf(c), id: String(c.req.param('id')), change: { to } };
      const message = await changeInboxMessage(inboxContext(deps), input);
      return c.json(access.viewOf(c)(message), 200);
    });
  }
}

const snoozeSchema = z
  .strictObject({
    until: time()
      .nullable()
      .describe(`In the future, at most ${MAX_SNOOZE_DAYS} days ahead; null ends the snooze now.`),
  })
  .openapi('SnoozeRequest', { example: { until: null } });

const DAY_MS = 24 * 60 * 60_000;

/** POST .../{id}/snooze. */
export function registerSnoozeInbox(app: Api, deps: ApiDeps, access: InboxAccess): void {
  const route = createRoute({
    method: 'post',
    path: `${access.path}/{id}/snooze`,
    operationId: `snoozeInboxMessage${access.suffix}`,
    summary: 'Hide a message until a time',
    description:
      'Then it is unread and unseen again, and first in the list: within about a second. Snoozing takes it out of the archive.',
    tags: [access.tag],
    ...access.writes,
    request: {
      params: access.params.extend({ id }),
      body: { required: true, content: { 'application/json': { schema: snoozeSchema } } },
    },
    responses: { ...answers, ...problemResponses('malformed_json', 'not_found', 'invalid_request') },
  });
  app.openapi(route, async (c) => {
    const { until } = c.req.valid('json');
    const change: InboxChange = { to: 'snoozed', until: until === null ? null : new Date(until) };
    assertAhead(change.until, deps.clock.now());
    const input = { owner: access.ownerOf(c), id: String(c.req.param('id')), change };
    const message = await changeInboxMessage(inboxContext(deps), input);
    return c.json(access.viewOf(c)(message), 200);
  });
}

/** @throws ProblemError 422. */
function assertAhead(until: Date | null, now: number): void {
  if (until === null) return;
  const last = new Date(now + MAX_SNOOZE_DAYS * DAY_MS);
  if (until.getTime() <= now)
    throw refusedField('until', `${until.toISOString()} is not in the future; null ends a snooze now`);
  if (until > last)
    throw refusedField('until', `${until.toISOString()} is too late; at most ${last.toISOString()}`);
}
