import { isTraced, parseTraceparent, traceparentOf } from '@carillon/core/program/traces';
import type { ClaimedDelivery } from '@carillon/db/webhooks/claim-event-deliveries';
import { context, ROOT_CONTEXT, type Span, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';
import type { PostResult } from './guarded-post.ts';

/**
 * The spans of one try to deliver an event about a traced notification, in the trace of that notification:
 * `deliver event`, and under it the POST, whose `traceparent` is sent along, so that the customer's own spans continue
 * there. They carry no URL: its path may be a credential.
 */
const tracer = trace.getTracer('carillon.events');

/** @param work makes the try; @returns null if the notification is not traced. */
export function startEventSpan({
  traceparent,
  eventId,
  endpointId,
  type,
  tries,
  notificationId,
}: ClaimedDelivery): Span | null {
  const parent = isTraced() ? parseTraceparent(traceparent) : null;
  if (parent === null) return null;
  return tracer.startSpan(
    'deliver event',
    {
      kind: SpanKind.CONSUMER,
      attributes: {
        'messaging.system': 'carillon',
        'messaging.operation.name': 'deliver',
        'messaging.operation.type': 'process',
        'messaging.destination.name': 'events',
        'messaging.message.id': eventId,
        'carillon.event.type': type,
        'carillon.endpoint.id': endpointId,
        'carillon.attempt': tries,
        ...(notificationId === null ? {} : { 'carillon.notification.id': notificationId }),
      },
    },
    trace.setSpanContext(ROOT_CONTEXT, parent),
  );
}

/**
 * Makes the POST in a client span under `parent`.
 *
 * @param post is given the headers to add.
 */
export async function inPostSpan(
  parent: Span | null,
  url: string,
  post: (headers: Record<string, string>) => Promise<PostResult>,
): Promise<PostResult> {
  if (parent === null) return post({});
  const server = URL.parse(url)?.hostname;
  const span = tracer.startSpan(
    'POST',
    {
      kind: SpanKind.CLIENT,
      attributes: {
        'http.request.method': 'POST',
        ...(server === undefined ? {} : { 'server.address': server }),
      },
    },
    trace.setSpan(ROOT_CONTEXT, parent),
  );
  const traceparent = traceparentOf(span.spanContext());
  try {
    const result = await context.with(trace.setSpan(context.active(), span), () =>
      post(traceparent === undefined ? {} : { traceparent }),
    );
    noteResult(span, result);
    return result;
  } finally {
    span.end();
  }
}

/** Ends the span of a try. @param result null: the request could not be made. */
export function endEvent(span: Span, result: PostResult): void {
  noteResult(span, result);
  span.end();
}

function noteResult(span: Span, result: PostResult): void {
  if ('status' in result) span.setAttribute('http.response.status_code', result.status);
  const isDelivered = 'status' in result && result.status >= 200 && result.status < 300;
  if (isDelivered) return;
  // Never the text of the error: it may name the URL.
  span.setAttribute('error.type', 'status' in result ? String(result.status) : 'no_answer');
  span.setStatus({ code: SpanStatusCode.ERROR });
}
