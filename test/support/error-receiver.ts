import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';

/** The fields of an event that tests look at. https://develop.sentry.dev/sdk/foundations/envelopes/event-payloads/ */
export interface ReceivedEvent {
  environment?: string;
  release?: string;
  server_name?: string;
  tags?: Record<string, unknown>;
  extra?: Record<string, unknown>;
  contexts?: { trace?: { trace_id?: string; span_id?: string } };
  exception: { values: { type: string; value: string; stacktrace?: { frames: object[] } }[] };
}

/** A receiver of the envelopes that Sentry's SDKs send, on a port of its own. */
export interface ErrorReceiver {
  dsn: string;
  events: ReceivedEvent[];
  /** Everything that arrived, as text. */
  raw: string[];
  close(): Promise<void>;
}

/** @param answer what to do once the body of a request has arrived; usually 200. */
export async function errorReceiver(
  answer: RequestListener = (_, response) => response.end('{}'),
): Promise<ErrorReceiver> {
  const events: ReceivedEvent[] = [];
  const raw: string[] = [];
  const server = createServer(async (request, response) => {
    const body = Buffer.concat(await request.toArray()).toString();
    raw.push(`${request.url}\n${JSON.stringify(request.headers)}\n${body}`);
    const lines = body.split('\n');
    for (let at = 1; at + 1 < lines.length; at += 2) {
      const { type } = JSON.parse(lines[at]!) as { type: string };
      if (type === 'event') events.push(JSON.parse(lines[at + 1]!) as ReceivedEvent);
    }
    answer(request, response);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    dsn: `http://0123456789abcdef@127.0.0.1:${port}/7`,
    events,
    raw,
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
