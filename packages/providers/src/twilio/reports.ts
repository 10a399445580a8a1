import type { Receipt } from '@carillon/core/provider/receipt';
import type { Report, Reports } from '../contract.ts';
import type { HttpResult } from '../http/http-client.ts';
import { jsonObject } from '../outcome/parse-response.ts';
import { text } from '../receipts/reader.ts';
import { fitting, twilioStatus } from './receipts.ts';

/**
 * Queries Twilio for the result of a message: for accounts without a status callback. An answer counts only if it is
 * this message's own resource with a documented status; unlike a callback it is not signed, and a captive portal or a
 * proxy must not fail a message. https://www.twilio.com/docs/messaging/api/message-resource#fetch-a-message-resource
 */
export function twilioReports(
  ask: (sid: string, signal: AbortSignal) => Promise<HttpResult>,
  validitySeconds: number,
): Reports {
  return {
    finalAfterMs: validitySeconds * 1000,
    async of(sid, signal) {
      if (!SID.test(sid)) return nothing('it has no id of Twilio');
      const result = await ask(sid, signal);
      if (result.phase !== 'answered') return unanswered('Twilio did not answer');
      const { status, tooLarge, body } = result;
      // It was deleted there: that is an answer.
      if (status === 404) return nothing('Twilio does not know the message');
      if (status !== 200) return unanswered(`Twilio answered HTTP ${status}`);
      const receipt = tooLarge ? null : receiptIn(body, sid);
      return receipt ? { receipt } : nothing('Twilio answered without the state of the message');
    },
  };
}

/** It goes into a path. */
const SID = /^[A-Z]{2}[0-9a-f]{32}$/;

const nothing = (why: string): Report => ({ receipt: null, why, unanswered: false });
const unanswered = (why: string): Report => ({ receipt: null, why, unanswered: true });

/** Untrusted: null unless it is the resource of this message. */
function receiptIn(body: string, sid: string): Receipt | null {
  const message = jsonObject(body);
  if (message?.sid !== sid || typeof message.status !== 'string') return null;
  return twilioStatus(sid, message.status, {
    // A text that is not an address would be suppressed instead of the real one.
    address: fitting(/^(?:[a-z]+:)?\+\d{4,15}$/, text(message.to, 32)),
    code: fitting(/^\d+$/, text(message.error_code, 16)),
    detail: text(message.error_message),
  });
}
