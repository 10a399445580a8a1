import type { IncomingMessage } from 'node:http';
import { ProblemError } from '@carillon/core/text/problem';
import type { Context } from 'hono';
import type { ApiEnv } from '../deps.ts';
import { outsideDeadline } from './deadline.ts';

export const MIB = 1024 * 1024;

/**
 * The body of a request byte for byte: for signed bodies, and for strict decoding. Read from the socket directly, which
 * costs less than the adapter's stream. The time that the caller takes does not count.
 *
 * @param limit bytes.
 * @throws ProblemError `too_large`; `malformed_request` when the connection ended before the body did.
 */
export function readBytes(c: Context<ApiEnv>, limit: number): Promise<Buffer> {
  const announced = Number(c.req.header('content-length') ?? 0);
  if (announced > limit) throw tooLarge(String(announced), limit);
  const incoming = (c.env as { incoming?: IncomingMessage } | undefined)?.incoming;
  // A connection that has ended may have delivered the whole body before: the adapter has it.
  if (!incoming || incoming.destroyed) return fromRequest(c.req.raw, limit);
  return outsideDeadline(c, fromSocket(incoming, limit));
}

function fromSocket(incoming: IncomingMessage, limit: number): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    const take = (chunk: Buffer): void => {
      size += chunk.length;
      chunks.push(chunk);
      if (size <= limit) return;
      // The adapter continues reading, up to its own limit, so that the answer arrives.
      incoming.off('data', take).pause();
      reject(tooLarge(`more than ${limit}`, limit));
    };
    const cutOff = (cause?: Error): void =>
      reject(
        new ProblemError(
          'malformed_request',
          `The connection ended after ${size} bytes of the body. Send the whole body.`,
          { cause },
        ),
      );
    incoming.on('data', take);
    let hasEnded = false;
    incoming.once('end', () => {
      hasEnded = true;
      resolve(chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks));
    });
    incoming.once('error', cutOff);
    incoming.once('close', () => {
      // Every request emits close; an error with its stack is created only for one that did not end.
      if (!hasEnded) cutOff();
    });
  });
}

async function fromRequest(request: Request, limit: number): Promise<Buffer> {
  const bytes = Buffer.from(await request.arrayBuffer());
  if (bytes.length > limit) throw tooLarge(String(bytes.length), limit);
  return bytes;
}

function tooLarge(size: string, limit: number): ProblemError {
  return new ProblemError(
    'too_large',
    `The body has ${size} bytes; at most ${limit} (${limit / MIB} MiB) are taken here. Send less, or in several requests.`,
  );
}
