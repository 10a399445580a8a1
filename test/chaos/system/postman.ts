import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';

/** Faults of the path from the providers to the receipt endpoint. */
export const MOODS = ['honest', 'repeating', 'late', 'reversing', 'forging'] as const;
export type Mood = (typeof MOODS)[number];

/**
 * Carries receipts from the simulated providers to the API, and is the API's public address, because some providers
 * sign the address they call. With a fault it delivers them twice, late, in the wrong order, or with forged ones added;
 * it never drops one.
 */
export interface Postman {
  url: string;
  be(mood: Mood): void;
  /** Forged receipts the API answered with anything but a refusal. */
  forgedTaken(): number;
  forgedRefused(): number;
  /** Receipts held for delivery in reverse order. */
  held(): number;
  close(): Promise<void>;
}

const LATE_MS = 4_000;
/** Receipts within this time are delivered in reverse order. */
const COLLECT_MS = 1_500;
const TIMEOUT_MS = 5_000;

interface Letter {
  path: string;
  headers: Record<string, string>;
  body: Buffer;
}

export async function startPostman(apiUrl: string): Promise<Postman> {
  let mood: Mood = 'honest';
  let taken = 0;
  let refused = 0;
  let bag: (() => Promise<void>)[] = [];
  let _emptying: NodeJS.Timeout | undefined;

  const carry = async ({ path, headers, body }: Letter): Promise<number> => {
    const signal = AbortSignal.timeout(TIMEOUT_MS);
    try {
      const answer = await fetch(`${apiUrl}${path}`, { method: 'POST', headers, body, signal });
      await answer.arrayBuffer();
      return answer.status;
    } catch {
      return 502;
    }
  };
  const forge = async (letter: Letter): Promise<void> => {
    const body = turned(letter.body);
    // A receipt that already reports a bounce would not be a forgery.
    if (body.equals(letter.body)) return;
    const status = await carry({ ...letter, body });
    if (status < 400) taken++;
    else if (status < 500) refused++;
  };
  const inReverse = (work: () => Promise<void>): void => {
    bag.push(work);
    _emptying ??= setTimeout(() => {
      _emptying = undefined;
      const letters = bag.reverse();
      bag = [];
      void letters.reduce((before, each) => before.then(each), Promise.resolve());
    }, COLLECT_MS);
  };
  const handle = async (letter: Letter, response: ServerResponse): Promise<void> => {
    const current = mood;
    if (current === 'late') await pause(LATE_MS);
    if (current === 'forging') await forge(letter);
    if (current === 'reversing') await new Promise<void>((resolve) => inReverse(async () => resolve()));
    const status = await carry(letter);
    response.writeHead(status).end();
    if (current === 'repeating') await Promise.all([carry(letter), carry(letter)]);
  };
  const server = createServer((request, response) => {
    void read(request).then((letter) => handle(letter, response));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    be: (next) => {
      mood = next;
    },
    forgedTaken: () => taken,
    forgedRefused: () => refused,
    held: () => bag.length,
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** The same receipt, but with a bounce: if accepted, it would turn a delivered message into a failed one. */
function turned(body: Buffer): Buffer {
  const text = body.toString('utf8');
  return Buffer.from(text.replaceAll('delivered', 'bounced'));
}

async function read(request: IncomingMessage): Promise<Letter> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const headers = Object.fromEntries(
    Object.entries(request.headers).flatMap(([name, value]) =>
      typeof value === 'string' && !HOP_BY_HOP.has(name) ? [[name, value]] : [],
    ),
  );
  return { path: request.url ?? '/', headers, body: Buffer.concat(chunks) };
}

const HOP_BY_HOP = new Set(['host', 'connection', 'content-length', 'transfer-encoding', 'keep-alive']);
