import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import type { Terminal } from './terminal.ts';
import { UsageError } from './usage-error.ts';

/** A file, or stdin for `-`, as text in pieces. @throws UsageError if there is no such file. */
export async function openInput(
  file: string,
  terminal: Pick<Terminal, 'stdin'>,
): Promise<AsyncIterable<string>> {
  if (file === '-') return decoded(terminal.stdin);
  const found = await stat(file).catch((error: Error) => {
    throw new UsageError(`${file} cannot be read: ${error.message}`);
  });
  if (!found.isFile()) throw new UsageError(`${file} is not a file`);
  return decoded(createReadStream(file, { highWaterMark: 256 * 1024 }));
}

export async function readText(input: AsyncIterable<Uint8Array>): Promise<string> {
  let text = '';
  for await (const piece of decoded(input)) text += piece;
  return text;
}

/** UTF-8 across the seams of chunks, without the byte order mark that spreadsheets write. */
async function* decoded(input: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  for await (const chunk of input) yield decoder.decode(chunk, { stream: true });
  yield decoder.decode();
}
