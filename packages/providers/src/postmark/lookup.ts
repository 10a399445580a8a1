import type { EmailMessage } from '@carillon/core/notification/message';
import type { Evidence, Lookup } from '../contract.ts';
import type { HttpClient, HttpResult } from '../http/http-client.ts';
import { jsonObject } from '../outcome/parse-response.ts';

/**
 * Looks a call up at Postmark, by the attempt id in `Metadata`. The search covers one message stream, so it names the
 * stream of the call. https://postmarkapp.com/developer/api/messages-api#outbound-message-search
 *
 * @param messageStream the stream that the account sends by.
 * @param settlesAfterMs after this long a missing message was not accepted: the activity lags behind.
 */
export function postmarkLookup(
  http: Pick<HttpClient, 'get'>,
  headers: Record<string, string>,
  messageStream: string,
  settlesAfterMs = SETTLES_AFTER_MS,
): Lookup<EmailMessage> {
  return {
    settlesAfterMs,
    async find(_, { notificationId, attemptId, endedAt, signal }) {
      const wanted: Planted = endedAt ? ['notification', notificationId] : ['attempt', attemptId];
      const query = new URLSearchParams({
        count: '10',
        offset: '0',
        messagestream: messageStream,
        [`metadata_${wanted[0]}`]: wanted[1],
      });
      const result = await http.get({ path: `/messages/outbound?${query}`, headers, signal });
      return evidenceOf(result, wanted);
    },
  };
}

const SETTLES_AFTER_MS = 5 * 60_000;

interface Found {
  MessageID?: unknown;
  Status?: unknown;
  Metadata?: { attempt?: unknown; notification?: unknown } | null;
}

/** A field of `Metadata` and its value. */
type Planted = readonly ['attempt' | 'notification', string];

function evidenceOf(result: HttpResult, [field, id]: Planted): Evidence {
  if (result.phase !== 'answered')
    return { found: 'unknown', why: 'Postmark did not answer', unanswered: true };
  const { status, tooLarge } = result;
  const body = status === 200 && !tooLarge ? jsonObject(result.body) : null;
  if (!Array.isArray(body?.Messages)) {
    const unanswered = status === 429 || status >= 500;
    const why = `Postmark answered HTTP ${status} without a list of messages`;
    return { found: 'unknown', why, ...(unanswered ? { unanswered } : {}) };
  }
  const messages = body.Messages as (Found | null)[];
  // A search that ignored the metadata would list other messages: none of them counts as this one.
  const own = messages.find((message) => message?.Metadata?.[field] === id);
  if (!own) {
    if (messages.length === 0 && Number(body.TotalCount) === 0)
      return { found: 'absent', evidence: `Postmark has no message with this ${field} id` };
    return { found: 'unknown', why: `Postmark showed messages without this ${field} id` };
  }
  const { MessageID: theirs, Status: state } = own;
  if (typeof theirs !== 'string' || !/^[\x21-\x7e]{1,255}$/.test(theirs))
    return { found: 'unknown', why: `Postmark has the ${field} id, but no message id with it` };
  const words = typeof state === 'string' ? state.slice(0, 40) : 'of unknown status';
  return { found: 'accepted', providerMessageId: theirs, evidence: `Postmark has the message, ${words}` };
}
