import { ExportResultCode } from '@opentelemetry/core';
import type { ReadableSpan, SpanExporter, SpanProcessor } from '@opentelemetry/sdk-trace';

/**
 * Counts the spans that the SDK's batch processor has in hand, and drops a new one while they are `maxQueued`. The
 * processor has the same bound, but does not say what it drops.
 */
export interface BoundedQueue {
  processor: SpanProcessor;
  /** Spans dropped so far: the queue was full, or their export failed. */
  dropped(): number;
}

export interface BoundedQueueOptions {
  exporter: SpanExporter;
  /** Spans that wait for their export, at most. */
  maxQueued: number;
  /** Makes the processor behind the queue. */
  processorOf(exporter: SpanExporter): SpanProcessor;
  /** Called after each export. @param failure why it failed; null if it did not. */
  onExported(failure: Error | null): void;
}

export function boundedQueue({
  exporter,
  maxQueued,
  processorOf,
  onExported,
}: BoundedQueueOptions): BoundedQueue {
  let queued = 0;
  let dropped = 0;
  const counting: SpanExporter = {
    export(spans, done) {
      queued -= spans.length;
      exporter.export(spans, (result) => {
        const isDone = result.code === ExportResultCode.SUCCESS;
        if (!isDone) dropped += spans.length;
        onExported(isDone ? null : (result.error ?? new Error('the export failed')));
        done(result);
      });
    },
    forceFlush: async () => exporter.forceFlush?.(),
    shutdown: () => exporter.shutdown(),
  };
  const inner = processorOf(counting);
  return {
    dropped: () => dropped,
    processor: {
      onStart: (span, context) => inner.onStart(span, context),
      onEnd(span: ReadableSpan) {
        if ((span.spanContext().traceFlags & 1) === 0) return;
        if (queued >= maxQueued) {
          dropped++;
          return;
        }
        queued++;
        inner.onEnd(span);
      },
      forceFlush: () => inner.forceFlush(),
      shutdown: () => inner.shutdown(),
    },
  };
}
