import { connect, type Socket } from 'node:net';

export interface Answer {
  status: number;
  body: string;
}

/** Well below the keep-alive timeout of Node's servers. */
const RESTS_AT_MOST_MS = 3_000;

const END_OF_HEAD = '\r\n\r\n';

/**
 * One keep-alive connection to an HTTP/1.1 server, one request at a time, with as little work as possible: the
 * generator shares two processors with what it measures, and a usual client costs more than the server it calls.
 */
export class Connection {
  readonly #socket: Socket;
  #chunks: Buffer[] = [];
  #size = 0;
  /** Bytes of the whole answer once its head has been read; null before, and with chunked answers. */
  #expected: number | null = null;
  #head = '';
  #settle: { resolve: (answer: Answer) => void; reject: (error: Error) => void } | null = null;
  #usedAt = performance.now();
  #closed = false;

  static open(origin: string): Promise<Connection> {
    const { hostname, port } = new URL(origin);
    return new Promise((resolve, reject) => {
      const socket = connect({ host: hostname, port: Number(port), noDelay: true });
      socket.once('error', reject);
      socket.once('connect', () => {
        socket.off('error', reject);
        resolve(new Connection(socket));
      });
    });
  }

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.on('data', (chunk: Buffer) => this.#take(chunk));
    const broken = (error?: Error) => {
      this.#closed = true;
      this.#settle?.reject(error ?? new Error('the server closed the connection'));
    };
    socket.on('error', broken);
    socket.on('close', () => broken());
  }

  /** Servers close connections that rest, after 5 s as a rule; one that is about to would lose the next request. */
  get usable(): boolean {
    return !this.#closed && performance.now() - this.#usedAt < RESTS_AT_MOST_MS;
  }

  /** @param request head and body as they go over the wire */
  send(request: Buffer): Promise<Answer> {
    return new Promise((resolve, reject) => {
      if (this.#closed) return reject(new Error('the server closed the connection'));
      this.#usedAt = performance.now();
      this.#settle = { resolve, reject };
      this.#socket.write(request);
    });
  }

  close(): void {
    this.#settle = null;
    this.#socket.destroy();
  }

  #take(chunk: Buffer): void {
    this.#chunks.push(chunk);
    this.#size += chunk.length;
    if (this.#head === '') {
      const at = this.#all().indexOf(END_OF_HEAD);
      if (at < 0) return;
      this.#head = this.#all().toString('latin1', 0, at + END_OF_HEAD.length);
      const length = /\r\ncontent-length: *(\d+)/i.exec(this.#head)?.[1];
      this.#expected = length === undefined ? null : this.#head.length + Number(length);
    }
    const complete =
      this.#expected === null ? this.#all().subarray(-5).equals(LAST_CHUNK) : this.#size >= this.#expected;
    if (complete) this.#finish();
  }

  #finish(): void {
    const body = this.#all().subarray(this.#head.length);
    const status = Number(this.#head.slice(9, 12));
    const text = this.#expected === null ? unchunk(body) : body.toString('utf8');
    this.#chunks = [];
    this.#size = 0;
    this.#expected = null;
    this.#head = '';
    const settle = this.#settle;
    this.#settle = null;
    this.#usedAt = performance.now();
    settle?.resolve({ status, body: text });
  }

  #all(): Buffer {
    if (this.#chunks.length > 1) this.#chunks = [Buffer.concat(this.#chunks)];
    return this.#chunks[0] ?? Buffer.alloc(0);
  }
}

const LAST_CHUNK = Buffer.from('0\r\n\r\n');

function unchunk(body: Buffer): string {
  const parts: Buffer[] = [];
  for (let at = 0; ; ) {
    const line = body.indexOf('\r\n', at);
    const size = Number.parseInt(body.toString('latin1', at, line), 16);
    if (!(size > 0)) return Buffer.concat(parts).toString('utf8');
    parts.push(body.subarray(line + 2, line + 2 + size));
    at = line + 2 + size + 2;
  }
}
