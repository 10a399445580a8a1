import type { SmsMessage } from '@carillon/core/notification/message';
import type { Evidence, Lookup, LostCall } from '../contract.ts';
import type { HttpResult } from '../http/http-client.ts';

/**
 * Looks for a call in the account's report. It contains no id of this system, so a message is identified by number,
 * text and time, and by not belonging to another attempt. An ambiguous match settles nothing: a wrong "accepted" is a
 * lost message, a wrong "absent" a duplicate. https://developers.termii.com/history
 *
 * @param ask fetches the whole report; Termii has no filter by number or time.
 */
export function termiiReports(
  ask: (signal: AbortSignal) => Promise<HttpResult>,
  settlesAfterMs = SETTLES_AFTER_MS,
): Lookup<SmsMessage> {
  return {
    settlesAfterMs,
    async find(message, lost) {
      const result = await ask(lost.signal);
      if (result.phase !== 'answered')
        return { found: 'unknown', why: 'the report did not come', unanswered: true };
      if (result.tooLarge) return { found: 'unknown', why: 'the report is too long to be read' };
      const { status } = result;
      const report = status === 200 ? reportIn(result.body) : null;
      const unanswered = status === 429 || status >= 500;
      if (!report) return { found: 'unknown', why: `HTTP ${status} brought no report`, unanswered };
      const settledAtMs = lost.askedAt.getTime() - Math.min(settlesAfterMs, SETTLING_MS);
      const evidence = await evidenceIn(report.rows, message, lost, settledAtMs);
      if (evidence.found !== 'absent' || report.isWhole) return evidence;
      return { found: 'unknown', why: 'only a page of the report came, and the message is not on it' };
    },
  };
}

const MINUTE_MS = 60_000;
const SETTLES_AFTER_MS = 2 * MINUTE_MS;
/** Tolerance between the start of a call and the time in its row: clock differences and a slow provider. */
const EARLY_MS = MINUTE_MS;
const LATE_MS = 2 * MINUTE_MS;
/** A younger match may belong to another call whose answer is in transit: it does not count yet. */
const SETTLING_MS = 15_000;
/** The time in a row has no zone, and Termii does not document it: it is read as UTC and as Lagos (UTC+1). */
const ZONES_MS = [0, 60 * MINUTE_MS];
/** In any zone, a row further off than this is not a row of this call. */
const NEAR_MS = 14 * 60 * MINUTE_MS;

interface Row {
  receiver?: unknown;
  message?: unknown;
  message_id?: unknown;
  status?: unknown;
  created_at?: unknown;
}

async function evidenceIn(
  rows: Row[],
  message: SmsMessage,
  { startedAt, endedAt = startedAt, recorded }: LostCall,
  settledAtMs: number,
): Promise<Evidence> {
  // An empty report may also be a broken one.
  if (rows.length === 0) return { found: 'unknown', why: 'the report is empty, which proves nothing' };
  const span = { from: startedAt.getTime(), to: endedAt.getTime() };
  // A row without a time may be of any time.
  const near = rows.filter(
    (row) => digits(row.receiver) === digits(message.to) && !isFarOff(timeOf(row), span),
  );
  const ids = near.map(({ message_id: id }) => id).filter((id) => typeof id === 'string');
  const others = (await recorded?.(ids)) ?? new Set<string>();
  const free = near.filter(({ message_id: id }) => typeof id !== 'string' || !others.has(id));
  const same = free.filter((row) => lettersOf(row.message) === lettersOf(message.text));
  if (same.length > 1) {
    return { found: 'unknown', why: `the report has ${same.length} messages that could be this one` };
  }
  const [only] = same;
  const atMs = only && sentAt(only, span);
  if (only && atMs !== undefined) {
    if (atMs <= settledAtMs) return acceptance(only);
    return {
      found: 'unknown',
      why: 'the report has a message that could be this one, too new to tell',
      tooNew: true,
    };
  }
  // Termii may have changed a text in the report.
  if (free.some((row) => Number.isNaN(timeOf(row)) || sentAt(row, span) !== undefined)) {
    return { found: 'unknown', why: 'the report has another text to this number at that time' };
  }
  return { found: 'absent', evidence: 'the report has no such message to this number at that time' };
}

function acceptance({ message_id: id, status }: Row): Evidence {
  if (typeof id !== 'string' || !/^[\x21-\x7e]{1,255}$/.test(id)) {
    return { found: 'unknown', why: 'the report has the message, but no message id with it' };
  }
  const state = typeof status === 'string' ? status.slice(0, 60) : 'of unknown status';
  return { found: 'accepted', providerMessageId: id, evidence: `the report has the message, ${state}` };
}

/** When the call began and when it was written at the latest, in milliseconds since the epoch. */
interface Span {
  from: number;
  to: number;
}

/** Not of a row without a time. */
function isFarOff(atMs: number, { from, to }: Span): boolean {
  return atMs < from - NEAR_MS || atMs > to + NEAR_MS;
}

/** When the row's message was sent, in the zone that matches the call; undefined if none does. */
function sentAt(row: Row, { from, to }: Span): number | undefined {
  const readings = ZONES_MS.map((zoneMs) => timeOf(row) - zoneMs);
  return readings.find((atMs) => atMs >= from - EARLY_MS && atMs <= to + LATE_MS);
}

/** `2025-08-07 13:51:41`, read as UTC; NaN for anything else. */
function timeOf({ created_at: at }: Row): number {
  const whole = typeof at === 'string' && /^\d{4}-\d\d-\d\d[ T]\d\d:\d\d:\d\d/.test(at);
  return whole ? Date.parse(`${at.slice(0, 10)}T${at.slice(11, 19)}Z`) : Number.NaN;
}

function digits(number: unknown): string {
  return typeof number === 'string' ? number.replace(/\D/g, '') : '';
}

/** Letters and digits only: spaces and punctuation may change in transit. */
function lettersOf(text: unknown): string {
  return typeof text === 'string' ? text.normalize('NFKC').replace(/[^\p{L}\p{N}]+/gu, '') : '';
}

/** The documented report is an array of everything; some accounts get pages, in an object. */
function reportIn(text: string): { rows: Row[]; isWhole: boolean } | null {
  let report: unknown;
  try {
    report = JSON.parse(text);
  } catch {
    return null;
  }
  const { data, content } = (report ?? {}) as { data?: unknown; content?: unknown };
  const places = [report, data, (data as { data?: unknown } | undefined)?.data, content];
  const rows = places.find((place) => Array.isArray(place)) as unknown[] | undefined;
  if (!rows?.every((row) => typeof row === 'object' && row !== null)) return null;
  return { rows, isWhole: rows === report };
}
