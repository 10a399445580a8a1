import { allows } from '@carillon/core/access/access';
import type { InboxMessage, InboxOwner } from '@carillon/core/inbox/message';
import { maskText } from '@carillon/core/recipient/mask';
import { z } from '@hono/zod-openapi';
import type { Context } from 'hono';
import type { ApiEnv } from '../../deps.ts';
import type { ScheduledEnd } from '../../inbox/streams.ts';
import { needs } from '../../middleware/auth.ts';
import { needsToken } from '../../middleware/recipient-auth.ts';
import { streamMs } from '../event-stream.ts';
import { recipientParams } from '../recipients/recipient-schema.ts';
import { viewMessage } from './message-schema.ts';

/**
 * An inbox is reached in two ways: by its recipient with a token, and by the customer's server (or staff) with an API
 * key and the id of the recipient. The routes are the same, and each is registered for both.
 */
export interface InboxAccess {
  path: string;
  /** Ends the operation ids: `listInbox`, `listInboxOf`. */
  suffix: '' | 'Of';
  tag: string;
  params: z.ZodObject;
  reads: ReturnType<typeof needs> | ReturnType<typeof needsToken>;
  writes: ReturnType<typeof needs> | ReturnType<typeof needsToken>;
  ownerOf(c: Context<ApiEnv>): InboxOwner;
  /** How this caller may see a message. */
  viewOf(c: Context<ApiEnv>): (message: InboxMessage) => ReturnType<typeof viewMessage>;
  /** When a stream of this caller ends, and why. */
  endOf(c: Context<ApiEnv>): ScheduledEnd;
}

export const BY_TOKEN: InboxAccess = {
  path: '/v1/inbox',
  suffix: '',
  tag: 'Inbox',
  params: z.object({}),
  reads: needsToken('inbox'),
  writes: needsToken('inbox'),
  ownerOf: (c) => c.get('recipient').owner,
  viewOf: () => (message) => viewMessage(message),
  endOf: (c) => ({ inMs: c.get('recipient').endsInMs, reason: 'token_expired' }),
};

export const BY_KEY: InboxAccess = {
  path: '/v1/recipients/{recipient_id}/inbox',
  suffix: 'Of',
  tag: 'Recipients',
  params: recipientParams,
  reads: needs('recipients:read'),
  writes: needs('recipients:*'),
  ownerOf: (c) => {
    const { appId, environment } = c.get('caller');
    return { appId, environment, recipientId: c.req.param('recipient_id') ?? '' };
  },
  viewOf: (c) => {
    const { scopes, staff } = c.get('caller');
    const withContent = allows(scopes, 'content:read');
    const isMasked = staff !== undefined && !allows(scopes, 'addresses:read');
    const shown = (text: string) => (isMasked ? maskText(text) : text);
    return (message) =>
      viewMessage({ ...message, title: shown(message.title), body: shown(message.body) }, withContent);
  },
  endOf: (c) => ({ inMs: streamMs(c.get('caller')), reason: 'restarting' }),
};
