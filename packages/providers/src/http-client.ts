import { isIP } from 'node:net';
import { buildConnector, type Dispatcher, Pool } from 'undici';
import { deadlinePassed, LeaseOver } from './call-failure.ts';

/**
 * One request over a keep-alive pool per origin: what every HTTP adapter sends through. It writes a request once, never
 * follows a redirect and never retries, and it knows how far a call came, which the usual clients do not tell: an
 * error before `onRequestStart` is certain, after it the provider may have the message. `fetch` costs five times the
 * CPU and hides the difference.
 */
export interface HttpClient {
  /** Never rejects: what went wrong is in the result. */
  post(request: HttpRequest): Promise<HttpResult>;
  /** For lookups and probes: as `post`, without a body. */
  get(request: Omit<HttpRequest, 'body'>): Promise<HttpResult>;
  /** Open calls may finish, idle sockets are closed. */
  close(): Promise<void>;
}

export interface HttpRequest {
  /** Path and query, joined to the path of the base URL. */
  path: string;
  headers: Record<string, string>;
  body: string | Buffer;
  signal: AbortSignal;
  /** Asked in the moment before the first byte is written; false gives the request up, certainly unsent. */
  mayWrite?: (() => boolean) | undefined;
}

export type HttpResult = HttpAnswer | HttpFailure;

export interface HttpAnswer {
  phase: 'answered';
  status: number;
  headers: Record<string, string | string[] | undefined>;
  body: string;
  /** The body was longer than MAX_ANSWER_BYTES and was cut off unread. */
  tooLarge: boolean;
}

export interface HttpFailure {
  phase: 'started' | 'written';
  error: unknown;
}

export interface HttpClientOptions {
  /** Open sockets to this origin at most. */
  connections?: number;
  connectTimeoutMs?: number;
  /** PEM of a certificate authority to trust instead of the system's. */
  ca?: string;
  /** Dial this address whatever the URL says: how a fixed provider host is pointed at a local server. */
  dial?: { host: string; port: number };
}

export const MAX_ANSWER_BYTES = 1024 * 1024;
/** Sockets to one origin unless said: an adapter with a single client carries so many calls at once. */
export const HTTP_CONNECTIONS = 128;
const CONNECT_TIMEOUT_MS = 5_000;
/** A backstop only: the deadline of a call is its signal. */
const SILENCE_TIMEOUT_MS = 60_000;

export function createHttpClient(baseUrl: string, options: HttpClientOptions = {}): HttpClient {
  const { origin, pathname } = new URL(baseUrl);
  const prefix = pathname.replace(/\/$/, '');
  const pool = new Pool(origin, {
    connections: options.connections ?? HTTP_CONNECTIONS,
    pipelining: 1,
    allowH2: false,
    headersTimeout: SILENCE_TIMEOUT_MS,
    bodyTimeout: SILENCE_TIMEOUT_MS,
    connect: connector(options),
  });
  const request = (
    method: 'GET' | 'POST',
    { path, headers, body, signal, mayWrite }: Omit<HttpRequest, 'body'> & { body?: string | Buffer },
  ): Promise<HttpResult> =>
    new Promise((resolve) => {
      if (signal.aborted) return resolve({ phase: 'started', error: deadlinePassed(signal) });
      const reception = new Reception(resolve, signal, mayWrite);
      pool.dispatch(
        { method, path: prefix + path, headers, ...(body === undefined ? {} : { body }) },
        reception,
      );
    });
  return {
    post: (asked) => request('POST', asked),
    get: (asked) => request('GET', asked),
    close: () => pool.close(),
  };
}

function connector({ ca, dial, connectTimeoutMs }: HttpClientOptions): buildConnector.connector {
  const connect = buildConnector({
    timeout: connectTimeoutMs ?? CONNECT_TIMEOUT_MS,
    allowH2: false,
    ...(ca === undefined ? {} : { ca }),
  });
  if (!dial) return connect;
  const { host, port } = dial;
  const address = { hostname: host, host: `${host}:${port}`, port: String(port) };
  // The certificate has to be the dialled host's; an IP address is no server name in TLS.
  return (target, done) => connect({ ...target, ...address, servername: isIP(host) ? '' : host }, done);
}

/** Collects one answer and settles once: with the answer, the error, or the deadline. */
class Reception implements Dispatcher.DispatchHandler {
  #resolve: (result: HttpResult) => void;
  #signal: AbortSignal;
  #mayWrite: (() => boolean) | undefined;
  #controller: Dispatcher.DispatchController | undefined;
  #settled = false;
  #status = 0;
  #headers: HttpAnswer['headers'] = {};
  #chunks: Buffer[] = [];
  #bytes = 0;

  constructor(
    resolve: (result: HttpResult) => void,
    signal: AbortSignal,
    mayWrite: (() => boolean) | undefined,
  ) {
    this.#resolve = resolve;
    this.#signal = signal;
    this.#mayWrite = mayWrite;
    signal.addEventListener('abort', this.#onAbort, { once: true });
  }

  #onAbort = (): void => {
    const error = deadlinePassed(this.#signal);
    this.#fail(error);
    this.#controller?.abort(error);
  };

  /** The socket is open and the next thing that happens is the write. */
  onRequestStart(controller: Dispatcher.DispatchController): void {
    // Given up while waiting for a socket, or the lease ran out meanwhile: it must not be written any more.
    if (!this.#settled && this.#mayWrite?.() === false) this.#fail(new LeaseOver());
    if (this.#settled) controller.abort(new Error('given up before the request was written'));
    else this.#controller = controller;
  }

  onResponseStart(_: unknown, status: number, headers: HttpAnswer['headers']): void {
    this.#status = status;
    this.#headers = headers;
  }

  onResponseData(controller: Dispatcher.DispatchController, chunk: Buffer): void {
    this.#bytes += chunk.length;
    if (this.#bytes <= MAX_ANSWER_BYTES) {
      this.#chunks.push(chunk);
    } else {
      this.#answer('', true);
      controller.abort(new Error('the answer is too large'));
    }
  }

  onResponseEnd(): void {
    const [first] = this.#chunks;
    const whole = this.#chunks.length === 1 ? first! : Buffer.concat(this.#chunks);
    this.#answer(whole.toString('utf8'), false);
  }

  onResponseError(_: unknown, error: Error): void {
    this.#fail(error);
  }

  #answer(body: string, tooLarge: boolean): void {
    this.#settle({ phase: 'answered', status: this.#status, headers: this.#headers, body, tooLarge });
  }

  #fail(error: unknown): void {
    this.#settle({ phase: this.#controller ? 'written' : 'started', error });
  }

  #settle(result: HttpResult): void {
    if (this.#settled) return;
    this.#settled = true;
    this.#signal.removeEventListener('abort', this.#onAbort);
    this.#resolve(result);
  }
}
