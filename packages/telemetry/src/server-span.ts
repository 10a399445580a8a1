import {
  type Context,
  context,
  propagation,
  ROOT_CONTEXT,
  SpanKind,
  SpanStatusCode,
  trace,
} from '@opentelemetry/api';

/**
 * One span per HTTP request, by https://opentelemetry.io/docs/specs/semconv/http/http-spans/. It carries the route as
 * registered and never the path, the query, a header or the body: paths hold the ids of people.
 */
export interface ServerSpan {
  /** Run the handler in it: its spans are then children of this one. */
  context: Context;
  /** @param route the registered path, such as `/v1/notifications/{id}`. @param status of the answer. */
  end(route: string, status: number): void;
}

const tracer = trace.getTracer('carillon.http');
const METHODS = new Set([
  'GET',
  'HEAD',
  'POST',
  'PUT',
  'PATCH',
  'DELETE',
  'OPTIONS',
  'TRACE',
  'CONNECT',
  'QUERY',
]);
/** Asked every few seconds by orchestrators and scrapers. */
const UNTRACED = new Set(['/healthz', '/readyz', '/metrics']);

/**
 * Continues the trace of the caller's `traceparent` and `tracestate`, or begins one.
 *
 * @param header the value of a request header, by its name in lower case.
 * @returns null for requests of probes and scrapers.
 */
export function startServerSpan(
  method: string,
  path: string,
  header: (name: string) => string | undefined,
): ServerSpan | null {
  if (UNTRACED.has(path)) return null;
  const known = METHODS.has(method) ? method : '_OTHER';
  const parent = propagation.extract(ROOT_CONTEXT, null, {
    get: (_, name) => header(name),
    keys: () => ['traceparent', 'tracestate'],
  });
  const verb = known === '_OTHER' ? 'HTTP' : known;
  const attributes = { 'http.request.method': known };
  const span = tracer.startSpan(verb, { kind: SpanKind.SERVER, attributes }, parent);
  return {
    context: trace.setSpan(context.active(), span),
    end(route, status) {
      if (span.isRecording()) {
        span.updateName(`${verb} ${route}`);
        span.setAttribute('http.route', route);
        span.setAttribute('http.response.status_code', status);
        if (status >= 500) {
          span.setAttribute('error.type', String(status));
          span.setStatus({ code: SpanStatusCode.ERROR });
        }
      }
      span.end();
    },
  };
}
