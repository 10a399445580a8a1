import { AddressRefused } from '@carillon/providers/http/public-reach';
import { Agent, type Dispatcher, request } from 'undici';
import { guardedLookup, refuseLiterals } from './address-guard.ts';
import { CONNECT_TIMEOUT_MS, wordsFor } from './words-for.ts';

/**
 * One GET of a URL given by a customer, with its content: https to public networks only (unless the configuration
 * allows others), without following redirects, within a time and a size.
 */
export interface GuardedGet {
  /**
   * @param maxBytes a larger body is refused, as soon as the headers announce it or it arrives.
   * @param signal gives up before the time of one GET is over.
   */
  get(url: string, maxBytes: number, signal?: AbortSignal): Promise<GetResult>;
  close(): Promise<void>;
}

/** `again`: it may be available later. Errors never contain the URL, whose query may be a secret. */
export type GetResult = { content: Buffer; contentType: string | null } | { error: string; again: boolean };

export interface GuardedGetOptions {
  allowPrivate: boolean;
  timeoutMs?: number;
}

const TIMEOUT_MS = 10_000;
/** Statuses below 500 that are temporary and do not concern the file. */
const LATER: readonly number[] = [408, 425, 429];

export function guardedGet({ allowPrivate, timeoutMs = TIMEOUT_MS }: GuardedGetOptions): GuardedGet {
  const agent = new Agent({
    connections: 16,
    connect: { timeout: CONNECT_TIMEOUT_MS, lookup: guardedLookup(allowPrivate) },
    headersTimeout: timeoutMs,
    bodyTimeout: timeoutMs,
  });
  return {
    async get(url, maxBytes, outer) {
      try {
        if (!allowPrivate && !url.startsWith('https://'))
          return { error: 'is no https address', again: false };
        refuseLiterals(url, allowPrivate);
        const own = AbortSignal.timeout(timeoutMs);
        const signal = outer ? AbortSignal.any([own, outer]) : own;
        const answer = await request(url, { headers: HEADERS, dispatcher: agent, signal });
        return await contentOf(answer, maxBytes);
      } catch (error) {
        return { error: wordsFor(error, timeoutMs), again: !(error instanceof AddressRefused) };
      }
    },
    close: () => agent.destroy(),
  };
}

/** Compressed answers are not accepted: unpacking would need a bound of its own. */
const HEADERS = { 'user-agent': 'Carillon-Attachments/1', 'accept-encoding': 'identity' };

async function contentOf(
  { statusCode: status, headers, body }: Dispatcher.ResponseData,
  maxBytes: number,
): Promise<GetResult> {
  const refused = (error: string, again = false): GetResult => {
    // The body is unread: the connection is closed with it.
    body.on('error', () => {}).destroy();
    return { error, again };
  };
  const tooLarge = `is larger than the ${maxBytes} bytes that are left for it`;
  if (status >= 300 && status < 400) return refused(`answered ${status}: redirects are not followed`);
  if (status !== 200) return refused(`answered ${status}`, status >= 500 || LATER.includes(status));
  const encoding = headers['content-encoding'];
  if (encoding !== undefined && encoding !== 'identity')
    return refused(`came packed (${encoding}), which was not asked for`);
  if (Number(headers['content-length'] ?? 0) > maxBytes) return refused(tooLarge);
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of body as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > maxBytes) return refused(tooLarge);
    chunks.push(chunk);
  }
  if (bytes === 0) return { error: 'is empty', again: false };
  const type = headers['content-type'];
  return { content: Buffer.concat(chunks, bytes), contentType: typeof type === 'string' ? type : null };
}
