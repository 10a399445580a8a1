import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { StreamEvent } from './message.ts';
import type { StreamOptions, StreamState } from './stream.ts';

/** A real server whose streams a test writes and ends. */
export async function streamServer() {
  const asked: string[] = [];
  const answers: ServerResponse[] = [];
  const set = { status: 200 };
  const server = createServer((request, response) => {
    asked.push(request.url!);
    response.writeHead(set.status, { 'content-type': 'text/event-stream' });
    response.write(': hello\n\n');
    if (set.status === 200) answers.push(response);
    else response.end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    url,
    /** Paths that were asked for. */
    asked,
    /** Streams that were opened. */
    answers,
    set,
    /** Writes into the newest stream. */
    send: (type: string, id: number | null, data: unknown) =>
      answers
        .at(-1)!
        .write(`event: ${type}\n${id === null ? '' : `id: ${id}\n`}data: ${JSON.stringify(data)}\n\n`),
    async connections(count: number): Promise<void> {
      while (answers.length < count) await once(server, 'request');
    },
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
export type StreamServer = Awaited<ReturnType<typeof streamServer>>;

/** What a stream needs of its owner, and all that it was given. */
export function streamOwner(url: string, position = 5) {
  const events: StreamEvent[] = [];
  const states: StreamState[] = [];
  const caughtUp: boolean[] = [];
  const counted = { tokens: 0 };
  const options: StreamOptions = {
    open: (after, signal) => fetch(`${url}?after=${after}`, { signal }),
    position: () => events.findLast(({ id }) => id !== null)?.id ?? position,
    receive: (some, isCatchUp) => {
      events.push(...some);
      caughtUp.push(isCatchUp);
    },
    changed: (state) => states.push(state),
    expired: () => counted.tokens++,
    firstPauseMs: 5,
  };
  return { events, states, caughtUp, counted, options };
}
