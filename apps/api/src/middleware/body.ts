import { ProblemError } from '@carillon/core/problem';
import type { MiddlewareHandler } from 'hono';
import type { ApiEnv } from '../deps.ts';
import { assertStorable } from './storable.ts';

const MIB = 1024 * 1024;
const LIMIT = MIB;
/** Paths that take more than the usual 1 MiB. */
const LARGER: Readonly<Record<string, number>> = { '/v1/notifications/batch': 5 * MIB };

/** Paths whose handler checks item by item, so that one bad item does not fail the others. */
const CHECKED_BY_ITEM: ReadonlySet<string> = new Set(['/v1/notifications/batch']);

const JSON_TYPE = /^application\/(?:[a-z0-9.+-]+\+)?json *(?:;|$)/i;

/**
 * Reads a JSON body once and sets `body`: refuses other content types (415), too much (413), what is not JSON (400)
 * and what PostgreSQL could not hold (422). A request without a body leaves `body` undefined.
 */
export function jsonBody(): MiddlewareHandler<ApiEnv> {
  return async function jsonBody(c, next) {
    const length = c.req.header('content-length');
    const chunked = length === undefined && c.req.header('transfer-encoding') !== undefined;
    // A Request made in memory (tests, other servers' adapters) has neither header. On the wire that means no body
    // (RFC 9112, 6.3), although the adapter makes a stream for every DELETE and POST: an empty one.
    const inMemory = (c.env as { incoming?: unknown } | undefined)?.incoming === undefined;
    const unsized =
      inMemory && length === undefined && !chunked && hasBody(c.req.method) && c.req.raw.body !== null;
    if (length === '0' || (length === undefined && !chunked && !unsized)) return next();

    const type = c.req.header('content-type');
    if (type === undefined || !JSON_TYPE.test(type)) {
      throw new ProblemError(
        'unsupported_media_type',
        `The content type is ${type === undefined ? 'missing' : `"${type}"`}; only JSON is read here. Send "Content-Type: application/json".`,
        { headers: { Accept: 'application/json' } },
      );
    }
    const limit = LARGER[c.req.path] ?? LIMIT;
    if (length !== undefined && Number(length) > limit) throw tooLarge(length, limit);
    const text = length !== undefined ? await c.req.text() : await readAtMost(c.req.raw, limit);
    if (text.length === 0) return next();
    // Handlers made by app.openapi ask Hono for the text again; what was streamed here is put where it looks.
    if (length === undefined) c.req.bodyCache.text = Promise.resolve(text) as never;

    const body = parse(text);
    if (!CHECKED_BY_ITEM.has(c.req.path)) assertStorable(body);
    c.set('body', body);
    await next();
  };
}

function hasBody(method: string): boolean {
  return method !== 'GET' && method !== 'HEAD';
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

/** A chunked body does not announce its size, so it is counted as it comes. */
async function readAtMost(request: Request, limit: number): Promise<string> {
  return new TextDecoder().decode(await readBytesAtMost(request, limit));
}

/** The body byte for byte: for what is signed. */
export async function readBytesAtMost(request: Request, limit: number): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of request.body ?? []) {
    size += chunk.byteLength;
    if (size > limit) throw tooLarge(`more than ${limit}`, limit);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function tooLarge(size: string, limit: number): ProblemError {
  return new ProblemError(
    'too_large',
    `The body has ${size} bytes; at most ${limit} (${limit / MIB} MiB) are taken here. Send less, or in several requests.`,
  );
}
