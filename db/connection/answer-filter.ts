/**
 * Cuts what PostgreSQL sends into messages and takes out the answers to the first statement of those sequences that had
 * one put in front (pooled-socket.ts).
 */
export interface AnswerFilter {
  /** The server has taken the connection. */
  isOpen(): boolean;
  /** The last answer left no transaction open. */
  isIdle(): boolean;
  /** A sequence is not answered to its end. */
  isWaiting(): boolean;
  /** A sequence is about to be sent. @param more whether a statement was put in front of it. */
  expect(sequence: { more: boolean }): void;
  /** @param chunk what the server sent. @returns the part of it that is not taken out. */
  pass(chunk: Buffer): Buffer;
}

export function answerFilter(): AnswerFilter {
  /** Sent, and not yet answered to the end. */
  const sequences: { more: boolean }[] = [];
  let status: number | null = null;
  /** The beginning of a message whose kind is not known yet. */
  let held: Buffer = NOTHING;
  /** Bytes of the last message that are still to come. */
  let left = 0;
  let passes = true;

  const take = (type: number, firstByte: number): boolean => {
    if (type === READY) {
      status = firstByte;
      sequences.shift();
      return true;
    }
    const [current] = sequences;
    if (!current?.more || AT_ANY_TIME.has(type)) return true;
    if (type !== ERROR && type !== COMPLETE) return false;
    // After an error the server skips the rest, up to the end of the sequence.
    current.more = false;
    return type === ERROR;
  };

  return {
    isOpen: () => status !== null,
    isIdle: () => status === IDLE,
    isWaiting: () => sequences.length > 0,
    expect: ({ more }) => void sequences.push({ more }),
    pass(chunk) {
      const bytes = held.length === 0 ? chunk : Buffer.concat([held, chunk]);
      held = NOTHING;
      const kept: Buffer[] = [];
      let at = Math.min(left, bytes.length);
      let from = passes ? 0 : at;
      left -= at;
      while (at < bytes.length) {
        if (bytes.length - at < HEAD_BYTES + 1 && !isWhole(bytes, at)) {
          held = bytes.subarray(at);
          break;
        }
        passes = take(bytes[at]!, bytes[at + HEAD_BYTES]!);
        const end = at + 1 + bytes.readInt32BE(at + 1);
        if (!passes) {
          if (from < at) kept.push(bytes.subarray(from, at));
          from = end;
        }
        left = Math.max(0, end - bytes.length);
        at = end;
      }
      const until = bytes.length - held.length;
      if (from === 0 && until === bytes.length) return bytes;
      if (from < until) kept.push(bytes.subarray(from, until));
      return kept.length === 1 ? kept[0]! : Buffer.concat(kept);
    },
  };
}

const NOTHING = Buffer.alloc(0);
const HEAD_BYTES = 5;
const IDLE = 'I'.charCodeAt(0);
const READY = 'Z'.charCodeAt(0);
const ERROR = 'E'.charCodeAt(0);
const COMPLETE = 'C'.charCodeAt(0);
/** Notices, parameters, notifications: no answers to a statement. */
const AT_ANY_TIME: ReadonlySet<number> = new Set([...'NSA'].map((letter) => letter.charCodeAt(0)));

/** A message without a body is its head alone. */
function isWhole(bytes: Buffer, at: number): boolean {
  return bytes.length - at === HEAD_BYTES && bytes.readInt32BE(at + 1) === HEAD_BYTES - 1;
}
