import { isTraced, parseTraceparent } from '@carillon/core/program/traces';
import type { AppliedReceipt } from '@carillon/db/receipts/apply-receipts';
import type { ReceiptKey } from '@carillon/db/receipts/store-receipts';
import { ROOT_CONTEXT, type SpanContext, SpanKind, trace } from '@opentelemetry/api';

const tracer = trace.getTracer('carillon.receipts');

/**
 * One span for each receipt that was applied to a traced notification, in the trace of that notification: it comes in a
 * request of the provider, which is a trace of its own, or is found by a worker.
 *
 * @param startedAt when the work on them began, in ms since the epoch.
 * @param requestOf the span of the request that brought it, to link to; undefined if there is none.
 */
export function traceReceipts(
  applied: readonly AppliedReceipt[],
  startedAt: number,
  requestOf: (key: ReceiptKey) => SpanContext | undefined = () => undefined,
): void {
  if (!isTraced()) return;
  for (const receipt of applied) {
    const parent = parseTraceparent(receipt.traceparent);
    if (parent === null) continue;
    const { kind, notificationId, account, channel, movedTo } = receipt;
    const request = requestOf(receipt);
    const span = tracer.startSpan(
      `receipt ${kind}`,
      {
        kind: SpanKind.INTERNAL,
        startTime: startedAt,
        attributes: {
          'carillon.notification.id': notificationId,
          'carillon.receipt.kind': kind,
          'carillon.provider.account': account,
          'carillon.channel': channel,
          ...(movedTo === null ? {} : { 'carillon.notification.status': movedTo }),
        },
        links: request === undefined ? [] : [{ context: request }],
      },
      trace.setSpanContext(ROOT_CONTEXT, parent),
    );
    span.end();
  }
}

/** The span of the request that is handled now; undefined where nothing is traced. */
export function requestSpan(): SpanContext | undefined {
  return isTraced() ? trace.getActiveSpan()?.spanContext() : undefined;
}
