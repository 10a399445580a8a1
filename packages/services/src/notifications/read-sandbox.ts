import type { Channel } from '@carillon/core/notification/channel';
import { type ChannelContent, type SentContent, sentContent } from '@carillon/core/notification/sent-content';
import type { Renderer } from '@carillon/core/template/render/budgeted-render';
import type { Tenant } from '@carillon/db/connection/tenant';
import type { NotificationFilter, Position } from '@carillon/db/notifications/notification-sources';
import { readContentFacts } from '@carillon/db/notifications/read-content-facts';
import {
  addressesNow,
  type CallRow,
  callsOf,
  listReceived,
  type ReceivedRow,
} from '@carillon/db/notifications/read-received';
import type { ActorContext } from '../context.ts';

/** One message as the simulator received it: of one channel of a notification. */
export interface SandboxMessage {
  notification: ReceivedRow;
  call: CallRow;
  content: ChannelContent;
  /** Why there is nothing to read. */
  unavailable: SentContent['unavailable'];
  /** The address of the request, else the one that the recipient has now. */
  to: string | null;
}

export interface SandboxQuery {
  tenant: Tenant;
  filter: NotificationFilter;
  channel: Channel | undefined;
  /** Appears in what was sent, in any case. */
  text: string | undefined;
  limit: number;
  render: Renderer;
  baseUrl: string | undefined;
}

/** Contents that are made at a time: each is a few statements and a rendering. */
const AT_A_TIME = 8;

/**
 * What the simulator received, newest first, rendered again. Readings are not audited: test messages have no reader but
 * those who develop.
 *
 * @returns `next`: a page may be short, or empty, although there are more.
 */
export async function readSandbox(
  { db }: Pick<ActorContext, 'db'>,
  query: SandboxQuery,
): Promise<{ messages: SandboxMessage[]; next: Position | null }> {
  const { tenant, filter, limit, render } = query;
  const { rows, next } = await listReceived(db, tenant, filter, limit);
  const recipientIds = rows.flatMap(({ recipientId }) => recipientId ?? []);
  const [calls, addresses] = await Promise.all([
    callsOf(
      db,
      rows.map(({ id }) => id),
    ),
    addressesNow(db, tenant, recipientIds),
  ]);
  const baseUrl = query.baseUrl?.replace(/\/+$/, '') ?? null;
  const messages: SandboxMessage[] = [];
  for (let at = 0; at < rows.length; at += AT_A_TIME) {
    const some = rows.slice(at, at + AT_A_TIME).map(async (notification): Promise<SandboxMessage[]> => {
      const facts = await readContentFacts(db, tenant, notification.id);
      // Removed by retention meanwhile.
      if (facts === null) return [];
      const { contents, unavailable } = await sentContent(facts, render, baseUrl);
      const ofIt = calls.filter(({ notificationId }) => notificationId === notification.id);
      const known = (channel: Channel) =>
        addresses.find(
          ({ recipientId, kind }) =>
            recipientId === notification.recipientId && kind === (channel === 'sms' ? 'phone' : channel),
        )?.address;
      const message = (call: CallRow, content: ChannelContent) => ({
        ...{ notification, call, content, unavailable },
        to: content.to ?? known(content.channel) ?? null,
      });
      if (unavailable)
        return ofIt
          .toSorted((a, b) => b.n - a.n)
          .slice(0, 1)
          .map((call) => message(call, nothing(call.channel)));
      return contents.flatMap((content) => {
        const call = ofIt.find(({ n }) => n === content.attempt?.n);
        return call ? [message(call, content)] : [];
      });
    });
    messages.push(...(await Promise.all(some)).flat());
  }
  const isWanted = ({ content }: SandboxMessage) =>
    (query.channel === undefined || content.channel === query.channel) && has(content, query.text);
  return { messages: messages.filter(isWanted), next };
}

function nothing(channel: Channel): ChannelContent {
  return { channel, attempt: null, locale: null, to: null, from: null, problem: null };
}

function has({ subject, text, html, title, body }: ChannelContent, wanted: string | undefined): boolean {
  if (wanted === undefined) return true;
  const sought = wanted.toLowerCase();
  return [subject, text, html, title, body].some((part) => part?.toLowerCase().includes(sought));
}
