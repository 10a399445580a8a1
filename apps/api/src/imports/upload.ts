import type { IncomingMessage } from 'node:http';
import { Readable } from 'node:stream';
import type { Context } from 'hono';
import type { ApiEnv } from '../deps.ts';
import { withoutTimeLimit } from '../request-time.ts';
import type { Cut, Upload } from './read-parts.ts';

/**
 * The body of a request as it comes. It is read only as fast as it is used, for as long as bytes come: it has no
 * deadline but silence.
 *
 * @param silenceMs without a byte, while one is waited for.
 * @param stop the process ends.
 */
export function uploadOf(c: Context<ApiEnv>, silenceMs: number, stop: AbortSignal): Upload {
  const incoming = incomingOf(c);
  const { body } = incoming ? { body: null } : c.req.raw;
  const stream = incoming ?? (body === null ? Readable.from([]) : Readable.fromWeb(body as never));
  let cut: Cut | null = null;

  async function* pieces(): AsyncGenerator<Uint8Array> {
    // The end of this loop does not destroy the connection: an answer has to be sent.
    const reading = stream.iterator({ destroyOnReturn: false }) as AsyncIterator<Uint8Array>;
    for (;;) {
      const next = await nextWithin(reading, silenceMs, stop);
      if (typeof next === 'string') {
        cut = next;
        return;
      }
      if (next.done) return;
      yield next.value;
    }
  }

  return { [Symbol.asyncIterator]: pieces, isCut: () => cut !== null, cut: () => cut };
}

/** Before anything that takes time: the whole body may come later than other requests may. */
export function expectUpload(c: Context<ApiEnv>): void {
  const incoming = incomingOf(c);
  if (incoming) withoutTimeLimit(incoming);
}

function incomingOf(c: Context<ApiEnv>): IncomingMessage | undefined {
  return (c.env as { incoming?: IncomingMessage } | undefined)?.incoming;
}

async function nextWithin(
  reading: AsyncIterator<Uint8Array>,
  silenceMs: number,
  stop: AbortSignal,
): Promise<IteratorResult<Uint8Array> | Cut> {
  if (stop.aborted) return 'stopping';
  let timer: NodeJS.Timeout | undefined;
  let onStop = (): void => {};
  const ended = new Promise<Cut>((resolve) => {
    timer = setTimeout(() => resolve('silent'), silenceMs);
    onStop = () => resolve('stopping');
    stop.addEventListener('abort', onStop);
  });
  try {
    return await Promise.race([reading.next().catch((): Cut => 'broken'), ended]);
  } finally {
    clearTimeout(timer);
    stop.removeEventListener('abort', onStop);
  }
}
