import { isIP } from 'node:net';
import { buildConnector, type Dispatcher, Pool } from 'undici';
import { deadlinePassed, LeaseOver } from '../outcome/call-failure.ts';
import { type MayWrite, orAborted } from './may-write.ts';
import { reach } from './public-reach.ts';

/**
 * One request over a keep-alive pool per origin, used by every HTTP adapter. It writes a request once, never follows a
 * redirect and never retries, and it records how far a call got, which common clients do not report: an error before
 * `onRequestStart` is certain, after it the provider may have the message. `fetch` costs five times the CPU and hides
 * the difference.
 */
export interface HttpClient {
  /** Never rejects: errors are in the result. */
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
  /** Called immediately before the first byte is written; false abandons the request, certainly unsent. */
  mayWrite?: MayWrite | undefined;
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

type Asked = Omit<HttpRequest, 'body'> & { body?: string | Buffer };

/** `mayWrite` had no answer yet: nothing was written. */
interface NotYet {
  askAgain: Promise<void>;
}

export interface HttpClientOptions {
  /** The most open sockets to this origin. */
  connections?: number;
  connectTimeoutMs?: number;
  /** PEM of a certificate authority to trust instead of the system's. */
  ca?: string;
  /** Dial this address whatever the URL says: redirects a fixed provider host to a local server. */
  dial?: { host: string; port: number };
}

export const MAX_ANSWER_BYTES = 1024 * 1024;
/** Default number of sockets to one origin: an adapter with a single client carries this many concurrent calls. */
export const HTTP_CONNECTIONS = 128;
/** The `User-Agent` if an SDK sets none. */
const USER_AGENT = 'Carillon/1';
const CONNECT_TIMEOUT_MS = 5_000;
/** A safety limit only: the deadline of a call is its signal. */
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
  const dispatch = (
    method: 'GET' | 'POST',
    { path, headers, body, signal, mayWrite }: Asked,
  ): Promise<HttpResult | NotYet> =>
    new Promise((resolve) => {
      if (signal.aborted) return resolve({ phase: 'started', error: deadlinePassed(signal) });
      const reception = new Reception(resolve, signal, mayWrite);
      pool.dispatch(
        {
          method,
          path: prefix + path,
          headers: introduced(headers),
          ...(body === undefined ? {} : { body }),
        },
        reception,
      );
    });
  /** A request not written yet because `mayWrite` is still pending keeps its open socket for the next turn. */
  const request = async (method: 'GET' | 'POST', asked: Asked): Promise<HttpResult> => {
    for (;;) {
      const result = await dispatch(method, asked);
      if (!('askAgain' in result)) return result;
      await orAborted(result.askAgain, asked.signal);
    }
  };
  return {
    post: (asked) => request('POST', asked),
    get: (asked) => request('GET', asked),
    close: () => pool.close(),
  };
}

function introduced(headers: Record<string, string>): Record<string, string> {
  const named = Object.keys(headers).some((name) => name.toLowerCase() === 'user-agent');
  return named ? headers : { 'user-agent': USER_AGENT, ...headers };
}

function connector({ ca, dial, connectTimeoutMs }: HttpClientOptions): buildConnector.connector {
  const connect = buildConnector({
    timeout: connectTimeoutMs ?? CONNECT_TIMEOUT_MS,
    allowH2: false,
    // Many names come from customers: web push services, custom HTTP providers.
    lookup: reach.lookup,
    ...(ca === undefined ? {} : { ca }),
  });
  if (!dial) return connect;
  const { host, port } = dial;
  const address = { hostname: host, host: `${host}:${port}`, port: String(port) };
  // The certificate has to be the dialled host's; an IP address is not a server name in TLS.
  return (target, done) => connect({ ...target, ...address, servername: isIP(host) ? '' : host }, done);
}

/** Collects one answer and settles once: with the answer, the error, or the deadline. */
class Reception implements Dispatcher.DispatchHandler {
  #resolve: (result: HttpResult | NotYet) => void;
  #signal: AbortSignal;
  #mayWrite: MayWrite | undefined;
  #controller: Dispatcher.DispatchController | undefined;
  #settled = false;
  #status = 0;
  #headers: HttpAnswer['headers'] = {};
  #chunks: Buffer[] = [];
  #bytes = 0;

  constructor(
    resolve: (result: HttpResult | NotYet) => void,
    signal: AbortSignal,
    mayWrite: MayWrite | undefined,
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

  /** The socket is open and the write comes next. */
  onRequestStart(controller: Dispatcher.DispatchController): void {
    const may = this.#settled ? false : (this.#mayWrite?.() ?? true);
    if (typeof may !== 'boolean') {
      this.#settle({ askAgain: may });
      // undici takes the request back when this throws, and keeps the socket; an abort would close it.
      throw new Error('put back before it was written');
    }
    // Abandoned while waiting for a socket, or the lease expired meanwhile: it must no longer be written.
    if (!may) this.#fail(new LeaseOver());
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

  #settle(result: HttpResult | NotYet): void {
    if (this.#settled) return;
    this.#settled = true;
    this.#signal.removeEventListener('abort', this.#onAbort);
    this.#resolve(result);
  }
}
