import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { listPage, POLICY, tracePage } from './trace-pages.ts';
import { type TraceStore, traceStore } from './trace-store.ts';

const MAX_BODY_BYTES = 16 * 1024 * 1024;

/**
 * A small collector with pages: takes traces at POST /v1/traces (OTLP/HTTP, JSON), keeps the newest in memory and shows
 * them at `/`. For one person on one machine: it listens on 127.0.0.1 only.
 *
 * @param port 0 for any free one
 */
export async function serveTraces(port: number, store: TraceStore = traceStore()): Promise<Server> {
  const server = createServer((request, response) => {
    answer(request, response, store).catch((error: Error) => {
      if (!response.headersSent) response.writeHead(400, { 'content-type': 'text/plain; charset=utf-8' });
      response.end(`this is no OTLP/HTTP request in JSON: ${error.name}\n`);
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });
  return server;
}

async function answer(request: IncomingMessage, response: ServerResponse, store: TraceStore): Promise<void> {
  const { pathname, searchParams } = new URL(request.url ?? '/', 'http://localhost');
  if (request.method === 'POST' && pathname === '/v1/traces') {
    store.add(await bodyOf(request));
    return void response.writeHead(200, { 'content-type': 'application/json' }).end('{}');
  }
  if (pathname === '/healthz') return void response.writeHead(200).end('ok\n');
  if (pathname === '/') {
    const text = searchParams.get('find')?.trim() ?? '';
    return page(response, 200, listPage(store.list(text), text));
  }
  const [, id] = /^\/traces\/([0-9a-f]{32})$/.exec(pathname) ?? [];
  const trace = id === undefined ? null : store.get(id);
  return trace ? page(response, 200, tracePage(trace)) : page(response, 404, listPage([], pathname));
}

function page(response: ServerResponse, status: number, html: string): void {
  response
    .writeHead(status, { 'content-type': 'text/html; charset=utf-8', 'content-security-policy': POLICY })
    .end(html);
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > MAX_BODY_BYTES) throw new RangeError('too large');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString();
}
