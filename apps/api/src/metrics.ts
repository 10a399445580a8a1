import { Counter, collectDefaultMetrics, Histogram, Registry } from 'prom-client';

/** The metrics of the API, for Prometheus. Labels are bounded: routes as registered, never paths. */
export interface Metrics {
  registry: Registry;
  /** One answered request. */
  answered(method: string, route: string, status: number, seconds: number): void;
  /** One accept: a new row, a repeat of a known request, or a key reused for a different request. */
  accepted(outcome: 'fresh' | 'replayed' | 'conflict', priority: string): void;
  /** One call of a provider's webhook: `receipts`, `confirmation`, why it was refused; or `unstorable`, a receipt. */
  receipts(provider: string, outcome: string, count: number): void;
  /** One group commit with this number of notifications. */
  group(size: number, seconds: number): void;
}

export function createMetrics(): Metrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const requests = new Histogram({
    name: 'carillon_api_request_seconds',
    help: 'Time from request to answer',
    labelNames: ['method', 'route', 'status'],
    buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
    registers: [registry],
  });
  const accepts = new Counter({
    name: 'carillon_api_accepted_total',
    help: 'Notifications accepted, by outcome and priority',
    labelNames: ['outcome', 'priority'],
    registers: [registry],
  });
  const receipts = new Counter({
    name: 'carillon_api_receipts_total',
    help: 'Receipts by provider and outcome; refused ones leave nothing else',
    labelNames: ['provider', 'outcome'],
    registers: [registry],
  });
  const groupSize = new Histogram({
    name: 'carillon_api_group_size',
    help: 'Notifications stored by one statement',
    buckets: [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000],
    registers: [registry],
  });
  const groupSeconds = new Histogram({
    name: 'carillon_api_group_seconds',
    help: 'Time one accept statement took',
    buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5],
    registers: [registry],
  });

  // Resolving labels costs more than counting; the label sets are few, so each is resolved once.
  const requestSeries = memoize((method: string, route: string, status: number) =>
    requests.labels({ method, route, status: String(status) }),
  );
  const acceptSeries = memoize((outcome: string, priority: string) => accepts.labels({ outcome, priority }));

  return {
    registry,
    answered: (method, route, status, seconds) => requestSeries(method, route, status).observe(seconds),
    accepted: (outcome, priority) => acceptSeries(outcome, priority).inc(),
    receipts: (provider, outcome, count) => receipts.inc({ provider, outcome }, count),
    group: (size, seconds) => {
      groupSize.observe(size);
      groupSeconds.observe(seconds);
    },
  };
}

function memoize<Args extends (string | number)[], Result>(
  make: (...args: Args) => Result,
): (...args: Args) => Result {
  const known = new Map<string, Result>();
  return (...args) => {
    const key = args.join(' ');
    let result = known.get(key);
    if (result === undefined) {
      result = make(...args);
      known.set(key, result);
    }
    return result;
  };
}
