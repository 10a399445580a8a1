import type { Lane } from '@carillon/core/notification/lane';
import { isTraced, parseTraceparent, traceparentOf } from '@carillon/core/program/traces';
import type { OutboxRow } from '@carillon/db/outbox/take-outbox';
import { type Link, ROOT_CONTEXT, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';

/** Links of one span: what the SDK keeps. */
const MAX_LINKS = 128;

const tracer = trace.getTracer('carillon.relay');

/**
 * Publishes rows of one lane in a span of its own: `publish <lane>`, with a link to the acceptance of each message in it,
 * because it belongs to the traces of all of them. Rows that are not traced need no span.
 *
 * @param publish is given the traceparent for the jobs; undefined if there is no span, or it is not sampled.
 */
export async function inPublishSpan<T>(
  lane: Lane,
  rows: readonly OutboxRow[],
  publish: (traceparent: string | undefined) => Promise<T>,
): Promise<T> {
  const links = isTraced() ? linksOf(rows) : [];
  if (links.length === 0) return publish(undefined);
  const span = tracer.startSpan(
    `publish ${lane}`,
    {
      kind: SpanKind.PRODUCER,
      links,
      attributes: {
        'messaging.system': 'carillon',
        'messaging.operation.name': 'publish',
        'messaging.operation.type': 'send',
        'messaging.destination.name': lane,
        'messaging.batch.message_count': rows.reduce((sum, { ids }) => sum + ids.length, 0),
      },
    },
    ROOT_CONTEXT,
  );
  try {
    return await publish(traceparentOf(span.spanContext()));
  } catch (error) {
    span.setAttribute('error.type', error instanceof Error ? error.name : typeof error);
    span.setStatus({ code: SpanStatusCode.ERROR });
    throw error;
  } finally {
    span.end();
  }
}

function linksOf(rows: readonly OutboxRow[]): Link[] {
  const links = new Map<string, Link>();
  for (const { trace_context: traced } of rows)
    for (const traceparent of traced?.traceparents ?? []) {
      if (links.size === MAX_LINKS) return [...links.values()];
      const context = parseTraceparent(traceparent);
      if (context !== null) links.set(traceparent, { context });
    }
  return [...links.values()];
}
