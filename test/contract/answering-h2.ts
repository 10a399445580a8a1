import { readFileSync } from 'node:fs';
import { performServerHandshake, type ServerHttp2Session, type ServerHttp2Stream } from 'node:http2';
import type { AddressInfo } from 'node:net';
import { duplexPair } from 'node:stream';
import { createServer, type TLSSocket } from 'node:tls';
import { type Answer, type AnsweringServer, type Received, TLS_FILES } from './answering-server.ts';

/** As answering-server.ts, over HTTP/2 alone. */
export interface AnsweringH2 extends AnsweringServer {
  /** From now on this decides about each stream; its request is not kept. */
  decides(handle: (stream: ServerHttp2Stream, session: ServerHttp2Session) => void): void;
  /** Data on the connections that are open now is lost silently: half-open connections. */
  deafens(): void;
  /** Sessions begun, in order. */
  sessions: ServerHttp2Session[];
}

export interface H2Settings {
  maxConcurrentStreams?: number;
}

export async function answeringH2({ maxConcurrentStreams = 100 }: H2Settings = {}): Promise<AnsweringH2> {
  const received: Received[] = [];
  const sockets = new Set<TLSSocket>();
  const deaf = new WeakSet<TLSSocket>();
  const sessions: ServerHttp2Session[] = [];
  let rule: (request: Received) => Answer = () => ({ status: 500 });
  let decide: ((stream: ServerHttp2Stream, session: ServerHttp2Session) => void) | undefined;

  const server = createServer({
    key: readFileSync(new URL('key.pem', TLS_FILES)),
    cert: readFileSync(new URL('cert.pem', TLS_FILES)),
    ALPNProtocols: ['h2'],
  });
  server.on('tlsClientError', () => {});
  server.on('secureConnection', (socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
    // Node gives no access to the socket of a session; behind a pair of streams the test can break it.
    const [near, far] = duplexPair();
    socket.on('data', (chunk: Buffer) => {
      if (!deaf.has(socket)) near.write(chunk);
    });
    near.on('data', (chunk: Buffer) => socket.write(chunk));
    socket.on('error', () => {});
    socket.on('close', () => far.destroy());
    const session = performServerHandshake(far, { settings: { maxConcurrentStreams } });
    sessions.push(session);
    session.on('error', () => {});
    session.on('close', () => setImmediate(() => socket.end()));
    session.on('stream', (stream, headers) => {
      stream.on('error', () => {});
      if (decide) return decide(stream, session);
      const entry: Received = { path: String(headers[':path']), headers, body: Buffer.alloc(0) };
      received.push(entry);
      if (rule(entry) === 'reset_early') return void socket.destroy();
      const chunks: Buffer[] = [];
      stream.on('data', (chunk: Buffer) => chunks.push(chunk));
      stream.on('end', () => {
        entry.body = Buffer.concat(chunks);
        reply(rule(entry), stream, socket);
      });
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `https://127.0.0.1:${port}`,
    port,
    received,
    sessions,
    answers(answer) {
      decide = undefined;
      rule = typeof answer === 'function' ? answer : () => answer;
    },
    deafens() {
      for (const socket of sockets) deaf.add(socket);
    },
    decides(handle) {
      decide = handle;
    },
    close: () =>
      new Promise((resolve) => {
        for (const socket of sockets) socket.destroy();
        server.close(() => resolve());
      }),
  };
}

function reply(answer: Answer, stream: ServerHttp2Stream, socket: TLSSocket): void {
  if (answer === 'hang') return;
  if (answer === 'reset' || answer === 'reset_early') return void socket.destroy();
  if (answer === 'gibberish') return void socket.end('220 this is no HTTP\r\n\r\n');
  if (answer === 'cut_off') {
    stream.respond({ ':status': 200, 'content-type': 'application/json' });
    stream.write('{"id":"never-finished",', () => socket.destroy());
    return;
  }
  stream.respond({ ':status': answer.status, 'content-type': 'application/json', ...answer.headers });
  stream.end(answer.body);
}
