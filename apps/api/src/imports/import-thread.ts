import { parentPort } from 'node:worker_threads';
import type { CsvLayout } from '@carillon/db/schema/imports';
import type { ImportPart } from '@carillon/services/imports/merge-part';
import { csvRows } from './csv-rows.ts';
import { ndjsonRows } from './ndjson-rows.ts';
import { type PartBuilderOptions, partBuilder } from './part-builder.ts';
import { FileRefused, wholeLines } from './whole-lines.ts';

/** Reads and checks the rows of an import, on a thread of its own: requests of others do not wait for it. */
export interface ThreadInput extends PartBuilderOptions {
  format: 'csv' | 'ndjson';
  layout: CsvLayout | null;
  map: Readonly<Record<string, string>>;
  /** The number of the first line of the stream. */
  firstLine: number;
}

export type ToThread =
  /** Only when the one before has ended. */
  | { begin: ThreadInput }
  | { bytes: Uint8Array<ArrayBuffer> }
  /** `cut`: the stream ended before the file did. */
  | { end: 'whole' | 'cut' }
  /** A part was taken: another one may come. */
  | { taken: true };

export type FromThread =
  /** So many bytes were used. */
  | { used: number }
  | { part: ImportPart; layout: CsvLayout | null }
  | { refused: { code: FileRefused['code']; message: string; errors: FileRefused['errors'] } }
  | { ended: true };

/** Parts that may wait for being merged. */
const PARTS_AHEAD = 1;

const port = parentPort!;

const tell = (message: FromThread, transfer: readonly ArrayBuffer[] = []): void =>
  port.postMessage(message, [...transfer]);

/** What the sender has told about the import that is read now. */
class Told {
  readonly queue: Uint8Array[] = [];
  end: 'whole' | 'cut' | null = null;
  ahead = 0;
  #waiting: (() => void)[] = [];

  take(message: Exclude<ToThread, { begin: ThreadInput }>): void {
    if ('bytes' in message) this.queue.push(message.bytes);
    else if ('end' in message) this.end = message.end;
    else this.ahead -= 1;
    for (const wake of this.#waiting.splice(0)) wake();
  }

  changed(): Promise<void> {
    return new Promise((resolve) => {
      this.#waiting.push(resolve);
    });
  }

  async *pieces(): AsyncGenerator<Uint8Array> {
    for (;;) {
      const next = this.queue.shift();
      if (next) {
        yield next;
        tell({ used: next.length });
      } else if (this.end !== null) return;
      else await this.changed();
    }
  }
}

let told = new Told();
port.on('message', (message: ToThread) => {
  if (!('begin' in message)) return told.take(message);
  told = new Told();
  void run(message.begin, told);
});

async function run(input: ThreadInput, sender: Told): Promise<void> {
  try {
    await read(input, sender);
    tell({ ended: true });
  } catch (error) {
    // Anything else ends the thread, and with it the import.
    if (!(error instanceof FileRefused)) throw error;
    const { code, message, errors } = error;
    tell({ refused: { code, message, errors } });
  }
}

async function read(input: ThreadInput, sender: Told): Promise<void> {
  let { layout } = input;
  const isCut = () => sender.end === 'cut';
  const isFromStart = input.firstLine === 1;
  const lines = wholeLines(sender.pieces(), input.firstLine, isCut);
  const onLayout = (found: CsvLayout): void => {
    layout = found;
  };
  const rows =
    input.format === 'ndjson'
      ? ndjsonRows(lines, { isFromStart, isCut })
      : csvRows(lines, { layout, isFromStart, map: input.map, onLayout, isCut });
  const builder = partBuilder(input);
  const send = async (): Promise<void> => {
    while (sender.ahead > PARTS_AHEAD) await sender.changed();
    const part = builder.take();
    if (part === null) return;
    sender.ahead += 1;
    tell({ part, layout }, [part.copy.buffer as ArrayBuffer]);
  };
  for await (const some of rows)
    for (const row of some) {
      builder.add(row);
      if (builder.isFull()) await send();
    }
  await send();
}
