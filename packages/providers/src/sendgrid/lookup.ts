import type { EmailMessage } from '@carillon/core/notification/message';
import type { Evidence, Lookup } from '../contract.ts';
import type { HttpClient, HttpResult } from '../http/http-client.ts';
import { jsonObject } from '../outcome/parse-response.ts';

/**
 * Looks a call up in SendGrid's Email Activity, by the attempt id in `custom_args`. A paid add-on that answers only six
 * queries a minute, so more are not sent: after `unknown` the caller tries again later.
 * https://www.twilio.com/docs/sendgrid/api-reference/email-activity/filter-all-messages
 */
export function activityLookup(
  http: HttpClient,
  headers: Record<string, string>,
  settlesAfterMs = SETTLES_AFTER_MS,
  now: () => number = Date.now,
): Lookup<EmailMessage> {
  let askedAtMs: number[] = [];
  return {
    settlesAfterMs,
    async find(_, { notificationId, attemptId, endedAt, signal }) {
      const nowMs = now();
      askedAtMs = askedAtMs.filter((at) => nowMs - at < WINDOW_MS);
      if (askedAtMs.length >= QUESTIONS) {
        const why = 'the six Email Activity questions of this minute are used up';
        return { found: 'unknown', why, unanswered: true };
      }
      askedAtMs.push(nowMs);
      const [field, id] = endedAt ? ['notification', notificationId] : ['attempt', attemptId];
      const query = encodeURIComponent(`unique_args['${field}_id']="${id}"`);
      const path = `/v3/messages?limit=10&query=${query}`;
      return evidenceOf(await http.get({ path, headers, signal }), field!);
    },
  };
}

/** Activity shows a message some minutes after it was accepted. */
const SETTLES_AFTER_MS = 10 * 60_000;
const QUESTIONS = 6;
const WINDOW_MS = 60_000;

function evidenceOf(result: HttpResult, field: string): Evidence {
  if (result.phase !== 'answered')
    return { found: 'unknown', why: 'Email Activity did not answer', unanswered: true };
  const { status, tooLarge } = result;
  const body = status === 200 && !tooLarge ? jsonObject(result.body) : null;
  if (!Array.isArray(body?.messages)) {
    const unanswered = status === 429 || status >= 500;
    return {
      found: 'unknown',
      why: `Email Activity answered HTTP ${status} without a list of messages`,
      unanswered,
    };
  }
  if (body.messages.length === 0) {
    return { found: 'absent', evidence: `Email Activity has no message with this ${field} id` };
  }
  const [message] = body.messages as { msg_id?: unknown; status?: unknown }[];
  // `<X-Message-Id>.<machine>...`: the first part is the id that the send would have returned.
  const id = typeof message?.msg_id === 'string' ? message.msg_id.split('.')[0]! : '';
  if (!/^[\x21-\x7e]{1,255}$/.test(id)) {
    return { found: 'unknown', why: `Email Activity has the ${field} id, but no message id with it` };
  }
  const state = typeof message?.status === 'string' ? message.status.slice(0, 40) : 'of unknown status';
  return { found: 'accepted', providerMessageId: id, evidence: `Email Activity has the message, ${state}` };
}
