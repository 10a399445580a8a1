import { isTraced, traceparentOf } from '@carillon/core/program/traces';
import { ProblemError } from '@carillon/core/text/problem';
import { type Attributes, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';
import type { Verdict } from './accept-store.ts';
import type { Submission } from './accept-submission.ts';

/**
 * The span of one request that sends notifications, and the beginning of each message's own part of the trace: its
 * `traceparent` is stored with the rows, so that relay, workers, receipts and events continue there, days later if need
 * be. One for each request and not for each statement, which several requests share.
 * https://opentelemetry.io/docs/specs/semconv/messaging/messaging-spans/
 */
export interface AcceptSpan {
  /** The outcome, in the order of the submissions. */
  end(verdicts: readonly Verdict[]): void;
}

const tracer = trace.getTracer('carillon.accept');

/**
 * Begins the span, and gives the rows of the submissions its `traceparent` if it is sampled.
 *
 * @returns null where nothing is traced.
 */
export function startAcceptSpan(submissions: readonly Submission[]): AcceptSpan | null {
  if (!isTraced() || submissions.length === 0) return null;
  const span = tracer.startSpan('send', { kind: SpanKind.PRODUCER });
  const traceparent = traceparentOf(span.spanContext());
  // A span that is not sampled has no attributes to fill.
  if (traceparent === undefined) return null;
  for (const { row } of submissions) row.traceparent = traceparent;
  return {
    end(verdicts) {
      // The answers of a request that ran out of time come later.
      if (!span.isRecording()) return;
      const lane = laneOf(submissions);
      if (lane !== null) span.updateName(`send ${lane}`);
      span.setAttributes(attributesOf(submissions, lane));
      const failed = verdicts.find((verdict) => verdict instanceof ProblemError);
      if (failed instanceof ProblemError) {
        span.setAttribute('error.type', failed.code);
        if (failed.status >= 500) span.setStatus({ code: SpanStatusCode.ERROR });
      } else if (verdicts.every((verdict) => !(verdict instanceof ProblemError) && verdict.replayed))
        span.setAttribute('carillon.replayed', true);
      span.end();
    },
  };
}

function attributesOf(submissions: readonly Submission[], lane: string | null): Attributes {
  const { app_id, environment, id } = submissions[0]!.row;
  return {
    'messaging.system': 'carillon',
    'messaging.operation.name': 'send',
    'messaging.operation.type': 'send',
    ...(lane === null ? {} : { 'messaging.destination.name': lane }),
    ...(submissions.length === 1
      ? { 'carillon.notification.id': id }
      : { 'messaging.batch.message_count': submissions.length }),
    'carillon.app.id': app_id,
    'carillon.environment': environment,
  };
}

/** @returns the lane of all of them; null if they go into several. Known only once recipients were looked up. */
function laneOf(submissions: readonly Submission[]): string | null {
  const { channel, priority } = submissions[0]!.row;
  const isShared = submissions.every(({ row }) => row.channel === channel && row.priority === priority);
  return isShared ? `${channel}-${priority}` : null;
}
