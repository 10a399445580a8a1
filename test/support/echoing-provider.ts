import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/**
 * A provider, or a customer's endpoint, that quotes in its answer everything it received: headers, path and body, where
 * errors have their text and where they have their code. What it answers is asked for by a word in the request:
 * `says<status>` (such as `says422`), `says200`, `garbage`, `hangs` or `drops`.
 */
export interface EchoingProvider {
  url: string;
  /** Requests as they came. */
  received: string[];
  close(): Promise<void>;
}

export async function echoingProvider(): Promise<EchoingProvider> {
  const received: string[] = [];
  const server = createServer(async (request, response) => {
    const body = Buffer.concat(await request.toArray()).toString();
    const all = `${request.method} ${request.url}\n${JSON.stringify(request.headers)}\n${decodeURIComponent(body.replaceAll('+', ' ').replace(/%(?![0-9a-f]{2})/gi, '%25'))}`;
    received.push(all);
    answer(response, all);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    received,
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function answer(response: ServerResponse, all: string): void {
  if (all.includes('hangs')) return;
  if (all.includes('drops')) return void response.destroy();
  if (all.includes('garbage'))
    return void response.writeHead(200, { 'x-echo': 'yes' }).end(`<html>${all}</html>`);
  const status = Number(/says(\d{3})/.exec(all)?.[1] ?? 500);
  const error = { message: all, name: all.slice(0, 300), code: all.slice(0, 300), type: all, more_info: all };
  response
    .writeHead(status, { 'content-type': 'application/json' })
    .end(JSON.stringify({ ...error, statusCode: status, status, error, errors: [error], id: all }));
}
