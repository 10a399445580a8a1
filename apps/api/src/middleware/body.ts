import { isUtf8 } from 'node:buffer';
import { type FieldError, ProblemError } from '@carillon/core/text/problem';
import type { Context, MiddlewareHandler } from 'hono';
import type { ApiEnv } from '../deps.ts';
import { invalid } from './invalid.ts';
import { findLosses, scanJson, walkLosses } from './json-loss.ts';
import { MIB, readBytes } from './read-body.ts';
import { checkStorable } from './storable.ts';

const LIMIT = MIB;
/** Paths whose handlers answer item by item, so that one bad item does not fail the others: where the items are. */
const BATCHES: Readonly<Record<string, string>> = {
  '/v1/notifications/batch': 'notifications',
  '/v1/recipients/batch': 'recipients',
};
const BATCH_LIMIT = 5 * MIB;
/** Members of a list may be a stream of any length, which the handler reads as it comes. */
const MEMBERS = /^\/v1\/audiences\/[^/]+\/members$/;
const NDJSON = /^application\/x-ndjson\s*(?:;|$)/i;
/** Paths whose handlers read the body themselves, as it comes. */
const STREAMS: ReadonlySet<string> = new Set(['/v1/recipients/import']);
/** The maximum number of losses that one answer lists. */
const MAX_LISTED = 100;

/** As strict as the validators behind it: they must be able to read whatever passes here. */
const JSON_TYPE = /^application\/(?:[a-z.-]+\+)?json$/i;
const UTF_8 = /^"?utf-?8"?$/i;

/**
 * Reads a JSON body once and sets `body`: refuses other content types, codings and character sets (415), bodies that
 * are too large (413) or not JSON in UTF-8 (400), values that parsing would lose and values that PostgreSQL could not
 * store (422). A request without a body leaves `body` undefined.
 */
export function jsonBody(): MiddlewareHandler<ApiEnv> {
  return async function jsonBody(c, next) {
    if (!hasBody(c) || (c.req.method === 'POST' && STREAMS.has(c.req.path))) return next();
    if (MEMBERS.test(c.req.path) && NDJSON.test(c.req.header('content-type') ?? '')) {
      assertNotEncoded(c);
      return next();
    }
    assertReadable(c);
    const list = BATCHES[c.req.path];
    const bytes = await readBytes(c, list === undefined ? LIMIT : BATCH_LIMIT);
    if (bytes.length === 0) return next();

    const text = decode(bytes);
    // Handlers made by app.openapi read the text from Hono's cache; the text read here is put there.
    c.req.bodyCache.text = Promise.resolve(text) as never;
    const body = parse(text);
    if (list !== undefined) c.set('itemFlaws', flawsOfBatch(text, body, list));
    else assertWhole(text, body);
    c.set('body', body);
    await next();
  };
}

/** On the wire, no body is present if both headers are absent (RFC 9112, 6.3); a Request made in memory has neither. */
function hasBody(c: Context<ApiEnv>): boolean {
  if (c.req.method === 'GET' || c.req.method === 'HEAD') return false;
  const length = c.req.header('content-length');
  if (length !== undefined) return length !== '0';
  if (c.req.header('transfer-encoding') !== undefined) return true;
  const isInMemory = (c.env as { incoming?: unknown } | undefined)?.incoming === undefined;
  return isInMemory && c.req.raw.body !== null;
}

function assertReadable(c: Context<ApiEnv>): void {
  assertNotEncoded(c);
  const type = c.req.header('content-type');
  // By far the most common one; no parsing needed.
  if (type === 'application/json') return;
  const [media = '', ...parameters] = (type ?? '').split(';').map((part) => part.trim());
  if (type === undefined || !JSON_TYPE.test(media)) {
    throw new ProblemError(
      'unsupported_media_type',
      `The content type is ${type === undefined ? 'missing' : `"${type}"`}; only JSON is read here. Send "Content-Type: application/json".`,
      { headers: { Accept: 'application/json' } },
    );
  }
  for (const parameter of parameters) {
    const [name, value = ''] = parameter.split('=').map((part) => part.trim());
    if (name?.toLowerCase() !== 'charset' || UTF_8.test(value)) continue;
    throw new ProblemError(
      'unsupported_media_type',
      `The character set of the body is "${value}"; JSON is read as UTF-8 only (RFC 8259). Send UTF-8.`,
      { headers: { Accept: 'application/json' } },
    );
  }
}

/** @throws ProblemError `unsupported_media_type` naming a content coding: bodies must not be encoded. */
export function assertNotEncoded(c: Context<ApiEnv>): void {
  const coding = c.req.header('content-encoding');
  if (coding === undefined || coding.trim() === '' || coding.toLowerCase() === 'identity') return;
  throw new ProblemError(
    'unsupported_media_type',
    `The body has the content coding "${coding}"; none is read here. Send it without Content-Encoding.`,
    { headers: { 'Accept-Encoding': 'identity' } },
  );
}

/** @throws ProblemError `malformed_json` for invalid UTF-8. A byte order mark is ignored (RFC 8259, 8.1). */
function decode(bytes: Buffer): string {
  // JSON in UTF-8 has no NUL in its first two bytes; in UTF-16 and UTF-32 it has one there, or a byte order mark.
  const isWide = bytes[0] === 0 || bytes[1] === 0 || bytes[0] === 0xff || bytes[0] === 0xfe;
  if (isWide || !isUtf8(bytes)) {
    const what = isWide ? 'looks like UTF-16 or UTF-32' : `has bytes that are not UTF-8 (${badByte(bytes)})`;
    throw new ProblemError('malformed_json', `The body ${what}; JSON is read as UTF-8 only. Send UTF-8.`);
  }
  const hasMark = bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf;
  return bytes.toString('utf8', hasMark ? 3 : 0);
}

function badByte(bytes: Buffer): string {
  // Invalid UTF-8 is decoded as U+FFFD.
  const back = Buffer.from(bytes.toString('utf8'));
  const offset = bytes.findIndex((byte, index) => byte !== back[index]);
  return `the first is 0x${bytes[offset]?.toString(16).padStart(2, '0')} at offset ${offset}`;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new ProblemError(
      'malformed_json',
      `The body is not JSON: ${(error as Error).message}. Check quotes, commas and brackets.`,
    );
  }
}

/** @throws ProblemError `invalid_request` if parsing lost something or PostgreSQL could not store it. */
function assertWhole(text: string, body: unknown): void {
  const { flaw, members } = checkStorable(body);
  if (flaw) throw invalid([flaw]);
  const scan = scanJson(text);
  if (!scan.hasDoubtfulNumber && scan.members === members) return;
  const losses = findLosses(text, MAX_LISTED);
  if (losses.length > 0)
    throw invalid(losses.map(({ steps, message }) => ({ path: steps.join('.'), message })));
}

/**
 * The same for a batch, item by item: a flaw outside of the items refuses the whole batch.
 *
 * @param list the field that holds the items.
 * @returns the first flaw of each faulty item, with its path within the item.
 */
function flawsOfBatch(text: string, body: unknown, list: string): ReadonlyMap<number, FieldError> {
  const flaws = new Map<number, FieldError>();
  const { [list]: items, ...rest } = Object(body) as Record<string, unknown>;
  if (!Array.isArray(items)) {
    assertWhole(text, body);
    return flaws;
  }
  const envelope = checkStorable(rest);
  if (envelope.flaw) throw invalid([envelope.flaw]);
  let members = envelope.members + 1;
  for (const [index, item] of items.entries()) {
    const checked = checkStorable(item);
    members += checked.members;
    if (checked.flaw) flaws.set(index, checked.flaw);
  }
  const scan = scanJson(text);
  if (!scan.hasDoubtfulNumber && scan.members === members) return flaws;
  walkLosses(text, (levels, message) => {
    const [field, item, ...within] = levels;
    const steps = () => within.map(({ step }) => step).join('.');
    if (field?.step !== list || typeof item?.step !== 'number') {
      throw invalid([{ path: levels.map(({ step }) => step).join('.'), message }]);
    }
    if (!flaws.has(item.step)) flaws.set(item.step, { path: steps(), message });
    return true;
  });
  return flaws;
}
