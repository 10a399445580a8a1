import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import type { Terminal } from './terminal.ts';
import { UsageError } from './usage-error.ts';

/**
 * A file, or stdin for `-`, as text in pieces. A file is validated as a whole before its first chunk, so that one in
 * another encoding is refused completely; stdin is refused where it stops being UTF-8.
 *
 * @throws UsageError if there is no such file, or it is not UTF-8.
 */
export async function openInput(
  file: string,
  terminal: Pick<Terminal, 'stdin'>,
): Promise<AsyncIterable<string>> {
  if (file === '-') return decoded(terminal.stdin, 'stdin');
  const found = await stat(file).catch((error: Error) => {
    throw new UsageError(`${file} cannot be read: ${error.message}`);
  });
  if (!found.isFile()) throw new UsageError(`${file} is not a file`);
  const open = () => createReadStream(file, { highWaterMark: 256 * 1024 });
  for await (const _ of decoded(open(), file));
  return decoded(open(), file);
}

export async function readText(input: AsyncIterable<Uint8Array>): Promise<string> {
  let text = '';
  for await (const piece of decoded(input, 'stdin')) text += piece;
  return text;
}

/** UTF-8 across chunk boundaries, without the byte order mark that spreadsheets write. */
async function* decoded(input: AsyncIterable<Uint8Array>, name: string): AsyncGenerator<string> {
  const decoder = new TextDecoder('utf-8', { fatal: true });
  let line = 1;
  const decode = (chunk: Uint8Array, stream: boolean): string => {
    try {
      const text = decoder.decode(chunk, { stream });
      // U+0000 is not text: a file in UTF-16 has one at every second byte.
      if (text.includes('\0')) throw new RangeError('U+0000');
      line += text.split('\n').length - 1;
      return text;
    } catch {
      throw new UsageError(
        `${name} is not UTF-8, from about line ${line} on; it looks like ${encodingOf(chunk)}. Convert it, for example: iconv -f ${encodingOf(chunk)} -t UTF-8`,
      );
    }
  };
  for await (const chunk of input) yield decode(chunk, true);
  const rest = decode(new Uint8Array(), false);
  if (rest !== '') yield rest;
}

/** A guess, for the message. UTF-16 of Western text has a zero in every pair; Windows-1252 is what spreadsheets write. */
function encodingOf(chunk: Uint8Array): 'UTF-16LE' | 'UTF-16BE' | 'WINDOWS-1252' {
  const zeros = [0, 0];
  for (const [at, byte] of chunk.subarray(0, 4096).entries()) if (byte === 0) zeros[at % 2]!++;
  const [even, odd] = zeros as [number, number];
  if ((chunk[0] === 0xff && chunk[1] === 0xfe) || odd > even) return 'UTF-16LE';
  if ((chunk[0] === 0xfe && chunk[1] === 0xff) || even > odd) return 'UTF-16BE';
  return 'WINDOWS-1252';
}
