/** Input and result of the load generator. Both cross a process boundary, so both are plain data. */
export interface LoadJob {
  /** Origin of the API under load, `http://127.0.0.1:port`. */
  url: string;
  shape: 'carillon' | 'control';
  apiKey: string;
  message: MessageSpec;
  pattern: Closed | Steady;
  /** Goes into every idempotency key and address, so that no two runs share one. */
  run: string;
}

/** Which message is sent, again and again. */
export interface MessageSpec {
  to: 'email' | 'phone' | 'fcm' | 'web_push' | 'recipient';
  priority: 'critical' | 'normal' | 'bulk';
  /** Every so many e-mails one goes to an address at which the provider fails, whenever it is tried. */
  failingEvery?: number;
  /** Recipients in turn: `user_<from>` and the ones after it; default the twenty of the demo. */
  people?: { from: number; count: number };
  /** Port of the simulator's TLS server, where Web Push subscriptions lead. */
  pushPort?: number;
}

/** Each connection sends its next request when the last one is answered. */
export interface Closed {
  kind: 'closed';
  count: number;
  connections: number;
  /** Messages per request; 1 is the single POST. */
  batch: number;
}

/** This many single POSTs a second, independent of the answers, until stopped. */
export interface Steady {
  kind: 'steady';
  perSecond: number;
}

export interface LoadResult {
  /** Milliseconds since the epoch, with fractions: the same clock as the simulator's ledger. */
  startedAtMs: number;
  endedAtMs: number;
  accepted: number;
  refused: number;
  /** The first answer that was not an acceptance, for the error message. */
  firstRefusal: string | null;
  /** Of the requests, in milliseconds. */
  latency: { p50: number; p95: number; p99: number };
  /** Of steady load: each accepted message and when its request was written. */
  sent: { id: string; atMs: number }[];
  /** Microseconds of processor time of the generator while it sent. */
  cpuUs: number;
}
