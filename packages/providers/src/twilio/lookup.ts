import type { SmsMessage } from '@carillon/core/notification/message';
import type { Evidence, Lookup, LostCall } from '../contract.ts';
import type { HttpResult } from '../http/http-client.ts';
import { jsonObject } from '../outcome/parse-response.ts';

/**
 * Looks for a call in the list of messages to its number. The list contains no id of this system (the callback's URL is
 * not shown), so a message is identified by number, text and time, and by not belonging to another attempt. An
 * ambiguous match settles nothing: a wrong "accepted" is a lost message, a wrong "absent" a duplicate.
 * https://www.twilio.com/docs/messaging/api/message-resource#read-multiple-message-resources
 *
 * @param ask fetches the newest messages to a number. Not by `DateSent`: a message that is still queued has none.
 */
export function twilioLookup(
  ask: (to: string, pageSize: number, signal: AbortSignal) => Promise<HttpResult>,
  settlesAfterMs = SETTLES_AFTER_MS,
): Lookup<SmsMessage> {
  return {
    settlesAfterMs,
    async find(message, lost) {
      const result = await ask(message.to, PAGE_SIZE, lost.signal);
      if (result.phase !== 'answered')
        return { found: 'unknown', why: 'Twilio did not answer', unanswered: true };
      const { status } = result;
      const list = status === 200 && !result.tooLarge ? listIn(result.body) : null;
      if (!list) {
        const unanswered = status === 429 || status >= 500;
        return { found: 'unknown', why: `Twilio answered HTTP ${status} without a list`, unanswered };
      }
      return evidenceIn(list, message, lost, lost.askedAt.getTime() - Math.min(settlesAfterMs, SETTLING_MS));
    },
  };
}

const SETTLES_AFTER_MS = 120_000;
const PAGE_SIZE = 200;
/** Tolerance between the start of a call and the time in the list: clock differences ... */
const EARLY_MS = 30_000;
/** ... and a call written as late as its lease allowed, to a slow provider. */
const LATE_MS = 90_000;
/** A younger match may belong to another call whose answer is in transit: it does not count yet. */
const SETTLING_MS = 15_000;
/** The prefix that Twilio adds to every text of a trial account. */
const TRIAL_PREFIX = 'Sent from your Twilio trial account - ';

interface Row {
  sid: string;
  to: string;
  body: string;
  status: string;
  createdAtMs: number;
}

async function evidenceIn(
  { rows, isWhole }: { rows: Row[]; isWhole: boolean },
  message: SmsMessage,
  { startedAt, endedAt = startedAt, recorded }: LostCall,
  settledAtMs: number,
): Promise<Evidence> {
  const from = startedAt.getTime() - EARLY_MS;
  const near = rows.filter(
    ({ to, createdAtMs }) =>
      to === message.to && createdAtMs >= from && createdAtMs <= endedAt.getTime() + LATE_MS,
  );
  const others = (await recorded?.(near.map(({ sid }) => sid))) ?? new Set<string>();
  const unknown = near.filter(({ sid }) => !others.has(sid));
  // An account may store no texts: then any message at that time could be this one.
  if (unknown.some(({ body }) => body === ''))
    return { found: 'unknown', why: 'Twilio keeps a message at that time without its text' };
  const free = unknown.filter(({ body }) => isSameText(body, message.text));
  const [only, ...more] = free.filter(({ status }) => !NEVER_SENT.has(status));
  if (more.length > 0)
    return { found: 'unknown', why: `Twilio has ${more.length + 1} messages that could be this one` };
  if (only && only.createdAtMs > settledAtMs)
    return {
      found: 'unknown',
      why: 'Twilio has a message that could be this one, too new to tell',
      tooNew: true,
    };
  if (only) {
    const evidence = `Twilio has the message (${only.sid}), ${only.status}`;
    return { found: 'accepted', providerMessageId: only.sid, evidence };
  }
  // Newest first: a page that reaches back beyond the call has every possible match.
  const reachesBack = isWhole || rows.some(({ createdAtMs }) => createdAtMs < from);
  if (!reachesBack)
    return { found: 'unknown', why: 'Twilio has too many messages to this number to look through' };
  if (free.length > 0)
    return { found: 'absent', evidence: `Twilio has the message as ${free[0]!.status}: it was not sent` };
  return { found: 'absent', evidence: 'Twilio has no such message to this number at that time' };
}

/** Created, and certainly never sent. */
const NEVER_SENT: ReadonlySet<string> = new Set(['failed', 'canceled']);

/**
 * Twilio may replace characters (smart encoding turns curly quotes into plain ones) and add a prefix on a trial
 * account: only letters and digits are compared, if there are any.
 */
function isSameText(listed: string, sent: string): boolean {
  const body = listed.startsWith(TRIAL_PREFIX) ? listed.slice(TRIAL_PREFIX.length) : listed;
  if (body === sent) return true;
  const letters = lettersOf(sent);
  return letters !== '' && lettersOf(body) === letters;
}

function lettersOf(text: string): string {
  return text.normalize('NFKC').replace(/[^\p{L}\p{N}]+/gu, '');
}

/**
 * The usable rows of an answer; null if it is not a list. Untrusted: an invalid row is an error.
 */
function listIn(text: string): { rows: Row[]; isWhole: boolean } | null {
  const body = jsonObject(text);
  if (!Array.isArray(body?.messages)) return null;
  const outbound = (body.messages as unknown[]).filter((row) => !isInbound(row));
  const rows = outbound.map(rowIn);
  if (rows.some((row) => row === null)) return null;
  return { rows: rows as Row[], isWhole: body.next_page_uri === null };
}

function isInbound(row: unknown): boolean {
  return (row as { direction?: unknown } | null)?.direction === 'inbound';
}

function rowIn(row: unknown): Row | null {
  const { sid, to, body, status, date_created: created } = (row ?? {}) as Record<string, unknown>;
  const createdAtMs = typeof created === 'string' ? Date.parse(created) : Number.NaN;
  const isRow =
    typeof sid === 'string' &&
    /^[A-Z]{2}[0-9a-f]{32}$/.test(sid) &&
    typeof to === 'string' &&
    typeof body === 'string' &&
    typeof status === 'string' &&
    /^[a-z_-]{1,30}$/.test(status) &&
    !Number.isNaN(createdAtMs);
  return isRow ? { sid, to, body, status, createdAtMs } : null;
}
