import { CarillonError } from './carillon-error.ts';
import { onAbort } from './on-abort.ts';
import { type ByteStream, refusalOf, unexpected } from './read-answer.ts';
import { type Opened, wordsFor } from './transport.ts';

/** One request of a stream of events. */
export interface EventConnection {
  /** @returns the next bytes; null at the end. @throws CarillonError, or the reason of the caller's signal. */
  read(): Promise<Uint8Array | null>;
  /** The API refused the credential. @returns whether the next request may have another. */
  renew(): boolean;
  close(): Promise<void>;
}

/**
 * The first read opens it. It fails after a silence, since nothing else tells that the other side is gone: the API sends
 * a comment every 20 s.
 */
export function eventConnection(
  open: (signal: AbortSignal) => Promise<Opened>,
  silenceMs: number,
  signal: AbortSignal | undefined,
): EventConnection {
  const controller = new AbortController();
  let opened: Opened | null = null;
  let reader: ReturnType<ByteStream['getReader']> | null = null;
  // Both: a fetch within the process may not connect its signal with the body.
  const stop = async (reason?: unknown): Promise<void> => {
    controller.abort(reason);
    await reader?.cancel(reason).catch(() => {});
  };
  const forget = onAbort(signal, () => void stop(signal?.reason));

  const readNext = async (): Promise<Uint8Array | null> => {
    if (reader === null) {
      opened = await open(controller.signal);
      reader = await readerOf(opened);
    }
    try {
      const { done, value } = await reader.read();
      return done ? null : (value ?? new Uint8Array());
    } catch (cause) {
      throw new CarillonError('unreachable', `The stream broke off: ${wordsFor(cause)}.`, { cause });
    }
  };

  return {
    read: async () => {
      let isLate = false;
      const timer = setTimeout(() => {
        isLate = true;
        void stop();
      }, silenceMs);
      const end = (): void => {
        signal?.throwIfAborted();
        if (isLate) throw new CarillonError('timed_out', `Nothing came for ${silenceMs} ms.`);
      };
      try {
        const bytes = await readNext();
        end();
        return bytes;
      } catch (error) {
        end();
        throw error;
      } finally {
        clearTimeout(timer);
      }
    },
    renew: () => opened?.renew() ?? false,
    close: async () => {
      forget();
      await stop();
    },
  };
}

/** @throws CarillonError for an answer that is no stream of events. */
async function readerOf({ answer }: Opened): Promise<ReturnType<ByteStream['getReader']>> {
  const header = (name: string): string | null => answer.headers.get(name);
  if (answer.status !== 200) throw refusalOf(answer.status, await answer.text(), header);
  if (!/^text\/event-stream\b/i.test(header('content-type') ?? ''))
    throw unexpected(answer.status, 'with something that is no stream of events', header);
  if (!answer.body)
    throw new TypeError('This fetch does not give an answer as it comes (`body`): pass one that does');
  return answer.body.getReader();
}
