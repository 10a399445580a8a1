import type { CsvLayout } from '@carillon/db/schema/imports';
import type { ImportPart } from '@carillon/services/imports/merge-part';
import type { FromThread, ThreadInput, ToThread } from './import-thread.ts';
import type { ImportThreads } from './threads.ts';
import { FileRefused } from './whole-lines.ts';

/** Bytes that may wait for the thread; the sender waits meanwhile. */
const MAX_WAITING = 1024 * 1024;
/** Bytes that are sent at once; sockets give no more. A line is found to be too long at the end of a piece. */
const PIECE = 64 * 1024;

export interface ReadPart {
  part: ImportPart;
  layout: CsvLayout | null;
}

/** Pieces of an upload; `isCut` says, at their end, whether the file goes on. */
export interface Pieces {
  [Symbol.asyncIterator](): AsyncIterator<Uint8Array>;
  isCut(): boolean;
}

/** Why an upload ended before its file did. */
export type Cut = 'broken' | 'silent' | 'stopping';

export interface Upload extends Pieces {
  cut(): Cut | null;
}

/**
 * Reads and checks an upload on a thread. The part that was yielded is done when the next one is asked for; one more is
 * prepared meanwhile, and bytes are taken from the sender as they are used.
 *
 * @throws FileRefused if the file as a whole cannot be read.
 */
export async function* readParts(
  input: ThreadInput,
  pieces: Pieces,
  threads: ImportThreads,
): AsyncGenerator<ReadPart> {
  const worker = threads.take();
  const parts: ReadPart[] = [];
  let [isOver, waiting] = [false, 0];
  let failure: Error | null = null;
  let listeners: (() => void)[] = [];
  const changed = () =>
    new Promise<void>((resolve) => {
      listeners.push(resolve);
    });
  const notify = (): void => {
    const told = listeners;
    listeners = [];
    for (const tell of told) tell();
  };
  const send = (message: ToThread, transfer: readonly ArrayBuffer[] = []): void =>
    worker.postMessage(message, [...transfer]);

  worker.on('message', (message: FromThread) => {
    if ('used' in message) waiting -= message.used;
    else if ('part' in message) parts.push(message);
    else if ('ended' in message) isOver = true;
    else {
      const { code, message: text, errors } = message.refused;
      failure ??= new FileRefused(code, text, errors);
    }
    notify();
  });
  worker.on('error', (error: Error) => {
    failure ??= error;
    notify();
  });
  worker.on('exit', () => {
    if (!isOver) failure ??= new Error('the thread that reads an import ended');
    notify();
  });

  const feed = async (): Promise<void> => {
    send({ begin: input });
    for await (const piece of pieces)
      for (let at = 0; at < piece.length; at += PIECE) {
        if (failure) return;
        // A copy: of a socket's buffer only this part is sent.
        const bytes = new Uint8Array(piece.subarray(at, at + PIECE));
        waiting += bytes.length;
        send({ bytes }, [bytes.buffer]);
        while (waiting > MAX_WAITING && !failure) await changed();
      }
    send({ end: pieces.isCut() ? 'cut' : 'whole' });
  };

  const feeding = feed().catch((error: Error) => {
    failure ??= error;
    notify();
  });
  try {
    for (;;) {
      const next = parts.shift();
      if (next) {
        yield next;
        send({ taken: true });
      } else if (failure) throw failure;
      else if (isOver) break;
      else await changed();
    }
    await feeding;
  } finally {
    failure ??= new Error('the import is over');
    notify();
    await threads.give(worker, isOver);
  }
}
