import { randomUUID } from 'node:crypto';
import {
  createServer,
  type IncomingMessage,
  type Server,
  type ServerResponse,
  STATUS_CODES,
} from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { ProblemError, problemBody } from '@carillon/core/text/problem';
import { getRequestListener, RequestError } from '@hono/node-server';
import { problemsUrl } from './middleware/problem.ts';
import { limitRequestTime, type RequestTimeOptions } from './request-time.ts';

type Fetch = Parameters<typeof getRequestListener>[0];

/**
 * The HTTP server of the app. Invalid HTTP never reaches the app; it is answered here in the same form as every other
 * refusal: `application/problem+json` with a code of the table and an `X-Request-Id`.
 *
 * @param fetch the app.
 * @param baseUrl of the page of problem codes.
 * @param requestTime how long a request may take to arrive.
 */
export function createHttpServer(
  fetch: Fetch,
  baseUrl: () => string,
  requestTime: Pick<RequestTimeOptions, 'limitMs' | 'everyMs'> = {},
): Server {
  const listener = getRequestListener(fetch, {
    // Only for HTTP/1.0, where Host is optional: for HTTP/1.1 it is checked below.
    hostname: 'localhost',
    errorHandler: (error) => {
      const why = error instanceof RequestError ? error.message : 'it cannot be read';
      const { status, headers, body } = answerOf(badTarget(why), baseUrl());
      return new Response(body, { status, headers: { ...headers } });
    },
  });
  // Node's own check answers without a body.
  const server = createServer({ requireHostHeader: false }, (request, response) => {
    const hosts = countHosts(request);
    if (hosts > 1) return refuse(response, badTarget(`it has ${hosts} Host headers`), baseUrl());
    if (hosts === 0 && request.httpVersion === '1.1') {
      return refuse(response, badTarget('HTTP/1.1 needs a Host header'), baseUrl());
    }
    void listener(request, response);
  });

  /** The most recent answer on a connection. */
  const answers = new WeakMap<Duplex, ServerResponse>();
  server.prependListener('request', ({ socket }, response) => answers.set(socket, response));

  limitRequestTime(server, {
    ...requestTime,
    requestOf: (socket) => answers.get(socket)?.req,
    end: (socket) => endWith(socket, answers.get(socket)?.headersSent ? null : requestTimeout(), baseUrl()),
  });

  server.on('checkExpectation', (request: IncomingMessage, response: ServerResponse) => {
    const expected = JSON.stringify(request.headers.expect?.slice(0, 80) ?? '');
    const detail = `The expectation ${expected} is not known; only "100-continue" is. Leave the Expect header out.`;
    refuse(response, new ProblemError('expectation_failed', detail), baseUrl());
  });
  server.on('clientError', (error: NodeJS.ErrnoException, socket) => {
    const problem = error.code === 'ECONNRESET' ? null : problemOf(error);
    const latest = answers.get(socket);
    const answer = latest?.writableFinished ? undefined : latest;
    if (answer?.req.complete) {
      // The invalid bytes follow a complete request, whose answer goes first.
      answer.once('finish', () => endWith(socket, problem, baseUrl()));
    } else endWith(socket, answer?.headersSent ? null : problem, baseUrl());
  });
  // Without a listener Node closes the connection.
  server.on('connect', (_request, socket) => {
    const detail = 'There is no CONNECT here: this is no proxy. The API is described at /docs.';
    endWith(socket, new ProblemError('method_not_allowed', detail, { headers: { Allow: 'GET' } }), baseUrl());
  });
  return server;
}

/** Node keeps the first and drops the others; a proxy in front may have used a different one (RFC 9112, 3.2). */
function countHosts({ rawHeaders }: IncomingMessage): number {
  let count = 0;
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const name = rawHeaders[at]!;
    if (name.length === 4 && name.toLowerCase() === 'host') count++;
  }
  return count;
}

/** Errors of the HTTP parser. */
function problemOf({ code = '', message, ...rest }: NodeJS.ErrnoException): ProblemError {
  switch (code) {
    case 'HPE_HEADER_OVERFLOW':
      return new ProblemError(
        'headers_too_large',
        'The header fields and the address have more than 16 KiB together. Send fewer or shorter ones.',
      );
    case 'HPE_CHUNK_EXTENSIONS_OVERFLOW':
      return new ProblemError(
        'too_large',
        'The extensions of a chunk have more than 16 KiB. Leave them out.',
      );
    case 'ERR_HTTP_REQUEST_TIMEOUT':
      return requestTimeout();
    default: {
      const { reason = message } = rest as { reason?: string };
      return new ProblemError(
        'malformed_request',
        `The request is not HTTP/1.1 as in RFC 9112: ${reason} (${code}). Check what lies between the client and this server.`,
      );
    }
  }
}

function requestTimeout(): ProblemError {
  return new ProblemError(
    'request_timeout',
    'The whole request did not arrive in time. Send it again, in one go.',
  );
}

function badTarget(why: string): ProblemError {
  return new ProblemError(
    'malformed_request',
    `The address of the request cannot be used: ${why}. Send "GET /path HTTP/1.1" and the name of this server as Host.`,
  );
}

interface WireAnswer {
  status: number;
  headers: Readonly<Record<string, string>>;
  body: string;
}

function answerOf(problem: ProblemError, baseUrl: string): WireAnswer {
  const requestId = randomUUID();
  return {
    status: problem.status,
    headers: {
      ...problem.headers,
      'Content-Type': 'application/problem+json',
      'X-Request-Id': requestId,
      'X-Content-Type-Options': 'nosniff',
      'Cache-Control': 'no-store',
      Connection: 'close',
    },
    body: JSON.stringify(problemBody(problem, problemsUrl(baseUrl), requestId)),
  };
}

function refuse(response: ServerResponse, problem: ProblemError, baseUrl: string): void {
  const { status, headers, body } = answerOf(problem, baseUrl);
  response.writeHead(status, { ...headers, 'Content-Length': Buffer.byteLength(body) }).end(body);
}

/** Ends a connection whose request boundaries are lost, if possible with a final answer. */
function endWith(socket: Duplex, problem: ProblemError | null, baseUrl: string): void {
  if (problem === null || !socket.writable) {
    socket.destroy();
    return;
  }
  const { status, headers, body } = answerOf(problem, baseUrl);
  const head = [
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}`,
    ...Object.entries(headers).map(([name, value]) => `${name}: ${value}`),
    `Content-Length: ${Buffer.byteLength(body)}`,
  ];
  socket.on('error', () => {});
  socket.end(`${head.join('\r\n')}\r\n\r\n${body}`, () => destroySoon(socket as Socket));
}

/** Time for the peer to read the answer before its remaining bytes reset the connection. */
const LINGER_MS = 500;

function destroySoon(socket: Socket): void {
  socket.resume();
  setTimeout(() => socket.destroy(), LINGER_MS).unref();
}
