import { createHash } from 'node:crypto';
import type { Upload } from './read-parts.ts';

/** The first bytes of a file, by which it is recognised when it comes again from its beginning. */
export const HEAD_BYTES = 64 * 1024;

export interface FileHead {
  bytes: Buffer;
  length: number;
  hash: Buffer;
}

/** Reads the head of an upload, which then begins with it again. */
export async function readHead(upload: Upload): Promise<{ head: FileHead; upload: Upload }> {
  const reading = upload[Symbol.asyncIterator]();
  const pieces: Uint8Array[] = [];
  let length = 0;
  let isOver = false;
  while (length < HEAD_BYTES && !isOver) {
    const next = await reading.next();
    if (next.done) isOver = true;
    else {
      pieces.push(next.value);
      length += next.value.length;
    }
  }
  const bytes = Buffer.concat(pieces).subarray(0, HEAD_BYTES);
  async function* again(): AsyncGenerator<Uint8Array> {
    yield* pieces.splice(0);
    for (let next = await reading.next(); !next.done; next = await reading.next()) yield next.value;
  }
  return {
    head: { bytes, length: bytes.length, hash: hashOf(bytes) },
    upload: { ...upload, [Symbol.asyncIterator]: again },
  };
}

/** Whether an upload begins with this head, which may be shorter than its own. */
export function beginsWith(
  { bytes }: FileHead,
  known: { headLength: number | null; headHash: Buffer | null },
): boolean {
  if (known.headLength === null || known.headHash === null || bytes.length < known.headLength) return false;
  return hashOf(bytes.subarray(0, known.headLength)).equals(known.headHash);
}

const hashOf = (bytes: Uint8Array): Buffer => createHash('sha256').update(bytes).digest();
