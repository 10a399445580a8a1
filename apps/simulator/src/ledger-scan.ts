import type { AppendLog } from './append-log.ts';

const CHUNK_BYTES = 256 * 1024;
const PROBE_BYTES = 16 * 1024;
const NEWLINE = 0x0a;

/**
 * Reading the ledger without an index: its lines carry increasing numbers, so a position is found by bisection (some
 * twenty small reads in a file of a gigabyte) and memory stays flat however long the simulator runs.
 */

/**
 * The lines after a sequence number, as chunks of the file, up to its size when the reading began.
 *
 * @param after the sequence number before the first line; 0 for all.
 * @param limit the maximum number of lines.
 */
export async function* readAfter(log: AppendLog, after: number, limit: number): AsyncGenerator<Buffer> {
  const end = log.size;
  let offset = offsetAfter(log, after);
  let left = limit;
  while (offset < end && left > 0) {
    const chunk = Buffer.allocUnsafe(Math.min(CHUNK_BYTES, end - offset));
    const bytes = log.read(chunk, offset);
    if (bytes === 0) return;
    const { length, lines } = firstLines(chunk.subarray(0, bytes), left);
    left -= lines;
    offset += length;
    yield chunk.subarray(0, length);
  }
}

/** How many lines name this notification. Reads the whole file: right at any age, and a gigabyte takes about a second. */
export async function countNotification(log: AppendLog, notificationId: string): Promise<number> {
  // A quote inside a JSON string is written \", so this cannot match in the middle of a subject.
  const needle = Buffer.from(`"notification_id":${JSON.stringify(notificationId)},`);
  const chunk = Buffer.allocUnsafe(CHUNK_BYTES);
  let count = 0;
  let offset = 0;
  while (offset < log.size) {
    const bytes = log.read(chunk, offset);
    if (bytes === 0) break;
    const view = chunk.subarray(0, bytes);
    for (let at = view.indexOf(needle); at >= 0; at = view.indexOf(needle, at + needle.length)) count++;
    // The next chunk begins after the last complete line, so that no match is split.
    const lastLine = view.lastIndexOf(NEWLINE);
    offset += lastLine >= 0 ? lastLine + 1 : bytes;
    await new Promise(setImmediate);
  }
  return count;
}

/** Where the first line with a number above `after` begins; the end of the file if there is none. */
export function offsetAfter(log: AppendLog, after: number): number {
  if (after <= 0) return 0;
  let low = 0;
  let high = log.size;
  // Invariant: both are line starts; every line before low is too old, every line from high on is in range.
  while (low < high) {
    const middle = lineStartAtOrAfter(log, low + Math.floor((high - low) / 2));
    const probe = middle < high ? middle : low;
    const { seq, next } = lineAt(log, probe);
    if (seq > after) {
      if (probe === low) return low;
      high = probe;
    } else {
      low = next;
    }
  }
  return low;
}

function lineStartAtOrAfter(log: AppendLog, offset: number): number {
  if (offset === 0) return 0;
  return endOfLine(log, offset - 1);
}

function lineAt(log: AppendLog, start: number): { seq: number; next: number } {
  const head = Buffer.allocUnsafe(32);
  const bytes = log.read(head, start);
  const seq = Number(/^\{"seq":(\d+),/.exec(head.toString('latin1', 0, bytes))?.[1] ?? Number.NaN);
  if (Number.isNaN(seq))
    throw new Error(`${log.path} holds something else than a ledger line at byte ${start}`);
  return { seq, next: endOfLine(log, start) };
}

/** The offset just after the first newline at or after `offset`. */
function endOfLine(log: AppendLog, offset: number): number {
  const probe = Buffer.allocUnsafe(PROBE_BYTES);
  for (let from = offset; from < log.size; from += PROBE_BYTES) {
    const bytes = log.read(probe, from);
    const at = probe.subarray(0, bytes).indexOf(NEWLINE);
    if (at >= 0) return from + at + 1;
  }
  return log.size;
}

/** The longest run of complete lines of a chunk, at most `limit` of them. */
function firstLines(piece: Buffer, limit: number): { length: number; lines: number } {
  let length = 0;
  let lines = 0;
  for (let at = piece.indexOf(NEWLINE); at >= 0 && lines < limit; at = piece.indexOf(NEWLINE, length)) {
    length = at + 1;
    lines++;
  }
  return { length: lines === 0 ? piece.length : length, lines };
}
