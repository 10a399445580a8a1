import { readFileSync } from 'node:fs';
import {
  createServer as createHttp,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type ServerResponse,
} from 'node:http';
import { createServer as createHttps } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';

/** A real HTTP or HTTPS server that gives the answers set by a test, however wrong, and records its requests. */
export type Answer =
  | { status: number; headers?: Record<string, string>; body?: string }
  /** Reads the request and says nothing. */
  | 'hang'
  /** Reads the request and breaks the connection. */
  | 'reset'
  /** Breaks the connection on the request's head, before its body is read. */
  | 'reset_early'
  /** Promises more body than it sends, then breaks the connection. */
  | 'cut_off'
  /** Answers something that is not HTTP. */
  | 'gibberish';

export interface Received {
  path: string;
  headers: IncomingHttpHeaders;
  body: Buffer;
}

export interface AnsweringServer {
  url: string;
  port: number;
  /** Requests whose head arrived, in order. */
  received: Received[];
  /** What every request gets from now on; with a path, only requests whose path begins so, and they are not kept. */
  answers(answer: Answer | ((request: Received) => Answer), path?: string): void;
  close(): Promise<void>;
}

export const TLS_FILES = new URL('../../packages/providers/fixtures/tls/', import.meta.url);
export const CA = readFileSync(new URL('ca.pem', TLS_FILES), 'utf8');

type Rule = (request: Received) => Answer;

export async function answeringServer({ tls = false } = {}): Promise<AnsweringServer> {
  const received: Received[] = [];
  const sockets = new Set<Socket>();
  const beside = new Map<string, Rule>();
  let rule: Rule = () => ({ status: 500 });

  const handle = (request: IncomingMessage, response: ServerResponse): void => {
    const path = request.url ?? '';
    const aside = [...beside.keys()].find((prefix) => path.startsWith(prefix));
    const entry: Received = { path, headers: request.headers, body: Buffer.alloc(0) };
    if (aside === undefined) received.push(entry);
    if (aside === undefined && rule(entry) === 'reset_early') return void request.socket.destroy();
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      entry.body = Buffer.concat(chunks);
      reply((beside.get(aside ?? '') ?? rule)(entry), request.socket, response);
    });
  };

  const server = tls
    ? createHttps(
        {
          key: readFileSync(new URL('key.pem', TLS_FILES)),
          cert: readFileSync(new URL('cert.pem', TLS_FILES)),
        },
        handle,
      )
    : createHttp(handle);
  for (const event of ['connection', 'secureConnection']) {
    server.on(event, (socket: Socket) => {
      sockets.add(socket);
      socket.once('close', () => sockets.delete(socket));
    });
  }
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `${tls ? 'https' : 'http'}://127.0.0.1:${port}`,
    port,
    received,
    answers(answer, path) {
      const next: Rule = typeof answer === 'function' ? answer : () => answer;
      if (path === undefined) rule = next;
      else beside.set(path, next);
    },
    close: () =>
      new Promise((resolve) => {
        for (const socket of sockets) socket.destroy();
        server.close(() => resolve());
      }),
  };
}

function reply(answer: Answer, socket: Socket, response: ServerResponse): void {
  if (answer === 'hang') return;
  if (answer === 'reset' || answer === 'reset_early') return void socket.destroy();
  if (answer === 'gibberish') return void socket.end('220 this is no HTTP\r\n\r\n');
  if (answer === 'cut_off') {
    response.writeHead(200, { 'content-type': 'application/json', 'content-length': '500' });
    response.write('{"id":"never-finished",', () => socket.destroy());
    return;
  }
  response.writeHead(answer.status, { 'content-type': 'application/json', ...answer.headers });
  response.end(answer.body);
}

/** A port without a listener: it was free a moment ago. */
export async function deadPort(): Promise<number> {
  const server = await answeringServer();
  await server.close();
  return server.port;
}
