import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http';
import type { Http2ServerRequest, Http2ServerResponse } from 'node:http2';

export type Request = IncomingMessage | Http2ServerRequest;
export type Response = ServerResponse | Http2ServerResponse;

const MAX_BODY_BYTES = 32 * 1024 * 1024;
const NOTHING = Buffer.alloc(0);

/** One request with its whole body and its possible ends: an answer, a closed connection, or silence. */
export class Exchange {
  readonly method: string;
  readonly path: string;
  readonly search: string;
  readonly headers: IncomingHttpHeaders;
  body: Buffer = NOTHING;
  readonly #request: Request;
  readonly #response: Response;

  constructor(request: Request, response: Response) {
    const url = request.url ?? '/';
    const mark = url.indexOf('?');
    this.method = request.method ?? 'GET';
    this.path = mark < 0 ? url : url.slice(0, mark);
    this.search = mark < 0 ? '' : url.slice(mark);
    this.headers = request.headers;
    this.#request = request;
    this.#response = response;
  }

  /** For handlers that stream an answer. */
  get response(): Response {
    return this.#response;
  }

  get query(): URLSearchParams {
    return new URLSearchParams(this.search);
  }

  /** Host and port as the client addressed them. */
  get host(): string {
    return this.headers.host ?? String(this.headers[':authority'] ?? 'localhost');
  }

  header(name: string): string | undefined {
    const value = this.headers[name];
    return Array.isArray(value) ? value[0] : value;
  }

  /** Reads the body, then continues; a body above 32 MiB is answered with 413 and not handled. */
  receive(then: () => void): void {
    const request = this.#request;
    let first: Buffer | undefined;
    let more: Buffer[] | undefined;
    let bytes = 0;
    request.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes > MAX_BODY_BYTES) {
        if (!this.#response.headersSent) this.text(413, `The body is larger than ${MAX_BODY_BYTES} bytes.`);
      } else if (first === undefined) {
        first = chunk;
      } else if (more === undefined) {
        more = [first, chunk];
      } else {
        more.push(chunk);
      }
    });
    request.on('end', () => {
      if (bytes > MAX_BODY_BYTES) return;
      this.body = more === undefined ? (first ?? NOTHING) : Buffer.concat(more);
      then();
    });
  }

  json(status: number, body: unknown, headers?: Record<string, string>): void {
    this.send(status, 'application/json; charset=utf-8', JSON.stringify(body), headers);
  }

  text(status: number, body: string, headers?: Record<string, string>): void {
    this.send(status, 'text/plain; charset=utf-8', body, headers);
  }

  send(status: number, contentType: string, body: string, headers?: Record<string, string>): void {
    const all: Record<string, string | number> = {
      'content-type': contentType,
      'content-length': Buffer.byteLength(body),
    };
    const response = this.#response as ServerResponse;
    response.writeHead(status, headers === undefined ? all : Object.assign(all, headers));
    response.end(body);
  }

  /** An answer without a body. */
  empty(status: number, headers: Record<string, string> = {}): void {
    const response = this.#response as ServerResponse;
    response.writeHead(status, status === 204 ? headers : { 'content-length': '0', ...headers });
    response.end();
  }

  /** Closes the connection without an answer; under HTTP/2 that is the whole session, as when a machine fails. */
  sever(): void {
    if ('stream' in this.#request) this.#request.stream.session?.destroy();
    else this.#request.socket.destroy();
  }
}
