/** A message of the server: its type, as the code of its letter, and what follows its length. */
type OnMessage = (type: number, body: Buffer) => void;

const HEAD_BYTES = 5;
/** Longer ones of the wanted types are skipped too. */
const MAX_BODY_BYTES = 64 * 1024;

/**
 * Cuts what PostgreSQL sends into messages (protocol 3: a letter, a length that counts itself, a body) and passes on
 * those of the wanted types. The others, rows above all, are skipped unread.
 *
 * https://www.postgresql.org/docs/18/protocol-message-formats.html
 *
 * @returns a function that takes the server's bytes, in order, in chunks of any size.
 */
export function serverMessages(wanted: ReadonlySet<number>, onMessage: OnMessage): (chunk: Buffer) => void {
  const head = Buffer.alloc(HEAD_BYTES);
  let headBytes = 0;
  let left = 0;
  let body: Buffer[] | null = null;

  return (chunk) => {
    let at = 0;
    while (at < chunk.length) {
      if (headBytes < HEAD_BYTES) {
        const taken = chunk.copy(head, headBytes, at, at + HEAD_BYTES - headBytes);
        headBytes += taken;
        at += taken;
        if (headBytes < HEAD_BYTES) return;
        left = head.readInt32BE(1) - 4;
        body = wanted.has(head[0]!) && left <= MAX_BODY_BYTES ? [] : null;
      }
      const taken = Math.min(left, chunk.length - at);
      body?.push(chunk.subarray(at, at + taken));
      at += taken;
      left -= taken;
      if (left > 0) return;
      headBytes = 0;
      if (body) onMessage(head[0]!, Buffer.concat(body));
    }
  };
}
