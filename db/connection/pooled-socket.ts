import type { Socket } from 'node:net';
import { answerFilter } from './answer-filter.ts';

/**
 * Puts a statement that makes settings (transaction-settings.ts) in front of each statement that is a transaction of its
 * own, on the wire: in the same sequence of messages, so that it costs no round trip and is part of that transaction.
 * The answers to it are taken out. `begin` brings its settings itself, and inside of a transaction they hold already.
 *
 * It also keeps a sequence back until the one before is answered. PgBouncer takes a connection of the server away at the end
 * of a transaction although a sequence that is not complete has begun behind it (1.18), and its answers are lost.
 *
 * In the extended protocol everything up to Sync is one transaction:
 * https://www.postgresql.org/docs/18/protocol-flow.html#PROTOCOL-FLOW-PIPELINING
 *
 * @param socket after TLS, before its first write. postgres.js writes whole messages.
 * @param statement a select without parameters.
 */
export function withSettings(socket: Socket, statement: string): Socket {
  const filter = answerFilter();
  const extended = Buffer.concat([
    message('P', Buffer.from(`\0${statement}\0\0\0`)),
    message('B', Buffer.alloc(8)),
    message('E', Buffer.alloc(5)),
  ]);
  const simple = Buffer.from(`${statement};`);
  /** The next message begins a sequence. */
  let begins = true;
  /** Sequences that wait for the end of the one before. */
  let held: Buffer = NOTHING;

  /** @returns what may be sent now, completed; the rest stays held. */
  const take = (): Buffer => {
    const chunk = held;
    const parts: Buffer[] = [];
    let from = 0;
    let at = 0;
    while (at + HEAD_BYTES <= chunk.length) {
      const type = chunk[at]!;
      const end = at + 1 + chunk.readInt32BE(at + 1);
      if (begins && BEGINNERS.has(type)) {
        if (filter.isWaiting()) break;
        const isSettable = type === PARSE || (type === QUERY && !isBegin(chunk, at));
        const isSet = isSettable && filter.isIdle();
        filter.expect({ more: isSet });
        if (isSet && type === PARSE) {
          parts.push(chunk.subarray(from, at), extended);
          from = at;
        } else if (isSet) {
          const body = chunk.subarray(at + HEAD_BYTES, end);
          parts.push(chunk.subarray(from, at), message('Q', Buffer.concat([simple, body])));
          from = end;
        }
        begins = false;
      }
      if (type === QUERY || type === SYNC) begins = true;
      at = end;
    }
    held = chunk.subarray(at);
    return Buffer.concat([...parts, chunk.subarray(from, at)]);
  };

  const { write } = socket;
  const flush = (...rest: []): boolean => {
    const now = take();
    return now.length === 0 || write.call(socket, now, ...rest);
  };
  socket.write = ((chunk: Buffer, ...rest: []) => {
    if (!filter.isOpen()) return write.call(socket, chunk, ...rest);
    held = Buffer.concat([held, chunk]);
    return flush(...rest);
  }) as Socket['write'];
  const emit = socket.emit.bind(socket) as (event: string | symbol, ...told: unknown[]) => boolean;
  socket.emit = (event: string | symbol, ...told: unknown[]): boolean => {
    if (event !== 'data') return emit(event, ...told);
    const passed = filter.pass(told[0] as Buffer);
    const isHeard = passed.length === 0 || emit('data', passed);
    if (held.length > 0 && !filter.isWaiting()) flush();
    return isHeard;
  };
  return socket;
}

const NOTHING = Buffer.alloc(0);
const HEAD_BYTES = 5;
const PARSE = 'P'.charCodeAt(0);
const QUERY = 'Q'.charCodeAt(0);
const SYNC = 'S'.charCodeAt(0);
/** What a sequence can begin with; data of COPY and the end of the connection are none. */
const BEGINNERS: ReadonlySet<number> = new Set([...'PBDECFQS'].map((letter) => letter.charCodeAt(0)));

function isBegin(chunk: Buffer, at: number): boolean {
  return /^\s*begin\b/i.test(chunk.toString('latin1', at + HEAD_BYTES, at + HEAD_BYTES + 32));
}

function message(letter: string, body: Buffer): Buffer {
  const head = Buffer.alloc(HEAD_BYTES);
  head.write(letter, 'latin1');
  head.writeInt32BE(body.length + 4, 1);
  return Buffer.concat([head, body]);
}
