import { isUtf8 } from 'node:buffer';
import { foreignFile, markLength } from '@carillon/core/import/encoding';
import type { ImportErrorKind } from '@carillon/core/import/errors';

/** Bytes of one line; a line that is longer is refused, and never held whole. */
export const MAX_LINE_BYTES = 1024 * 1024;

export interface LineFlaw {
  kind: ImportErrorKind;
  message: string;
}

/** Whole lines of a file, with their line breaks. */
export interface Lines {
  bytes: Buffer;
  /** The number of the first line. */
  from: number;
  /** The end of each line: offsets in `bytes`, behind the line break. */
  ends: readonly number[];
  /** Lines that cannot be read, by number. A line that is too long is empty in `bytes`. */
  flaws: ReadonlyMap<number, LineFlaw>;
}

/** The file as a whole cannot be read. */
export class FileRefused extends Error {
  readonly code: 'unsupported_media_type' | 'invalid_request';
  readonly errors: readonly { path: string; message: string }[] | undefined;

  constructor(code: FileRefused['code'], message: string, errors?: FileRefused['errors']) {
    super(message);
    this.code = code;
    this.errors = errors;
  }
}

const LF = 10;
const CR = 13;

/**
 * Cuts a stream of bytes into whole lines, in blocks of any number of them, and finds lines that are no UTF-8 or too
 * long. A byte order mark is left out. Lines end with LF or CRLF; with CR in a file that has no LF in its first block.
 *
 * @param firstLine the number of the first line of the stream.
 * @param isCut whether the stream ended before the file did: its last line is left out then, unless it is whole.
 * @throws FileRefused if its first bytes are no text in UTF-8.
 */
export async function* wholeLines(
  pieces: AsyncIterable<Uint8Array>,
  firstLine: number,
  isCut: () => boolean,
): AsyncGenerator<Lines> {
  let line = firstLine;
  let rest: Buffer = Buffer.alloc(0);
  let isFirst = true;
  let isDropping = false;
  let lineBreak: number | null = null;

  const block = (bytes: Buffer, flaw?: LineFlaw): Lines => {
    const from = line;
    const ends = endsOf(bytes, lineBreak ?? LF);
    line += ends.length;
    return { bytes, from, ends, flaws: flaw ? new Map([[from, flaw]]) : flawsOf(bytes, from, ends) };
  };

  for await (const piece of pieces) {
    let bytes =
      rest.length === 0
        ? Buffer.from(piece.buffer, piece.byteOffset, piece.length)
        : Buffer.concat([rest, piece]);
    if (isFirst) {
      if (bytes.length < 4) {
        rest = bytes;
        continue;
      }
      isFirst = false;
      bytes = withoutMark(bytes);
    }
    if (lineBreak === null) lineBreak = breakOf(bytes);
    if (isDropping) {
      const end = bytes.indexOf(lineBreak ?? LF);
      if (end === -1) {
        rest = Buffer.alloc(0);
        continue;
      }
      isDropping = false;
      yield block(bytes.subarray(end, end + 1), TOO_LONG);
      bytes = bytes.subarray(end + 1);
    }
    const end = lineBreak === null ? -1 : bytes.lastIndexOf(lineBreak);
    if (end >= 0) yield block(bytes.subarray(0, end + 1));
    rest = bytes.subarray(end + 1);
    if (rest.length > MAX_LINE_BYTES) {
      isDropping = true;
      rest = Buffer.alloc(0);
    } else rest = Buffer.from(rest);
  }
  if (isCut()) return;
  if (isFirst) rest = withoutMark(rest);
  if (isDropping) yield block(Buffer.from('\n'), TOO_LONG);
  else if (rest.length > 0) yield block(rest);
}

const TOO_LONG: LineFlaw = {
  kind: 'line_too_long',
  message: `the line has more than ${MAX_LINE_BYTES} bytes; no row may. Look for a missing line break or a quote that is not closed`,
};

/** Null while no line has ended. */
function breakOf(bytes: Buffer): number | null {
  if (bytes.includes(LF)) return LF;
  // A CR at the end may be the first half of a CRLF.
  const at = bytes.indexOf(CR);
  return at >= 0 && at < bytes.length - 1 ? CR : null;
}

/** A last line without a line break ends, too. */
function endsOf(bytes: Buffer, lineBreak: number): number[] {
  const ends: number[] = [];
  for (let at = bytes.indexOf(lineBreak); at !== -1; at = bytes.indexOf(lineBreak, at + 1)) ends.push(at + 1);
  if (ends.at(-1) !== bytes.length) ends.push(bytes.length);
  return ends;
}

function flawsOf(bytes: Buffer, from: number, ends: readonly number[]): ReadonlyMap<number, LineFlaw> {
  const flaws = new Map<number, LineFlaw>();
  if (isUtf8(bytes)) return flaws;
  ends.forEach((end, n) => {
    const line = bytes.subarray(ends[n - 1] ?? 0, end);
    if (!isUtf8(line)) flaws.set(from + n, notUtf8(line));
  });
  return flaws;
}

function notUtf8(line: Buffer): LineFlaw {
  // Invalid UTF-8 is decoded as U+FFFD.
  const back = Buffer.from(line.toString('utf8'));
  const at = line.findIndex((byte, index) => byte !== back[index]);
  const byte = (line[at] ?? 0).toString(16).padStart(2, '0');
  const message = `the line is not UTF-8 (byte 0x${byte} at column ${at + 1}); the file looks like Windows-1252 or Latin-1. Save it as UTF-8`;
  return { kind: 'not_utf8', message };
}

function withoutMark(bytes: Buffer): Buffer {
  const foreign = foreignFile(bytes);
  if (foreign !== null) throw new FileRefused('unsupported_media_type', foreign);
  return bytes.subarray(markLength(bytes));
}
