import { readFile } from 'node:fs/promises';
import { type Terminal, UsageError } from './command.ts';

const MAX_BYTES = 1024 * 1024;

/**
 * The text of a file, or of standard input for `-`.
 *
 * @throws UsageError for input that cannot be read, is larger than 1 MiB or is not UTF-8, and for `-` at a terminal.
 */
export async function readInput(
  file: string,
  terminal: Pick<Terminal, 'stdin' | 'isInteractive'>,
): Promise<string> {
  if (file === '-' && terminal.isInteractive)
    throw new UsageError(
      'nothing is piped into standard input; pipe the account into it, or give --file FILE',
    );
  const bytes = file === '-' ? await collect(terminal.stdin) : await readBytes(file);
  if (bytes.length > MAX_BYTES)
    throw new UsageError(`${file} has ${bytes.length} bytes; an account has ${MAX_BYTES} at most`);
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw new UsageError(`${file} is not UTF-8; convert it first`);
  }
}

async function readBytes(file: string): Promise<Buffer> {
  try {
    return await readFile(file);
  } catch (error) {
    throw new UsageError(`${file} cannot be read: ${(error as Error).message}`);
  }
}

async function collect(input: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const pieces: Uint8Array[] = [];
  let length = 0;
  for await (const piece of input) {
    pieces.push(piece);
    length += piece.length;
    if (length > MAX_BYTES) break;
  }
  return Buffer.concat(pieces);
}
