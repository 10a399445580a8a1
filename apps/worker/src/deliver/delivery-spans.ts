import type { AttemptEnd, Delivery } from '@carillon/core/notification/attempt-end';
import { isTraced, parseTraceparent } from '@carillon/core/program/traces';
import type { RegisteredAccount } from '@carillon/providers/accounts/registry';
import {
  context,
  type Link,
  ROOT_CONTEXT,
  type Span,
  SpanKind,
  SpanStatusCode,
  trace,
} from '@opentelemetry/api';
import type { Claimed } from './claimed.ts';

/**
 * The spans of a delivery, in the trace in which its notification was accepted: `process <lane>` for each attempt, and
 * under it `send <provider>` for the call. A notification that is not traced has none, whatever this process samples: the
 * decision is made once, at acceptance. They carry ids, lanes, codes and names of providers, and never an address, a text
 * or a credential.
 */
const tracer = trace.getTracer('carillon.deliver');

/** What a traced notification is: enough of a claimed one, or of a doubt. */
type Traced = Pick<Claimed, 'id' | 'traceparent' | 'channel' | 'priority' | 'attempt_count'>;

export const laneNameOf = ({ channel, priority }: Pick<Traced, 'channel' | 'priority'>): string =>
  `${channel}-${priority}`;

/**
 * Begins the span of an attempt, or of a look at a doubt.
 *
 * @param verb `process` or `settle`.
 * @param startedAt when the work began, in ms since the epoch.
 * @param published the traceparent of its job; undefined if it has none.
 * @returns null if the notification is not traced.
 */
export function startMessageSpan(
  verb: 'process' | 'settle',
  message: Traced,
  startedAt: number,
  published?: string,
): Span | null {
  if (!isTraced()) return null;
  const parent = parseTraceparent(message.traceparent);
  if (parent === null) return null;
  const job = published === undefined ? null : parseTraceparent(published);
  const links: Link[] = job === null ? [] : [{ context: job }];
  const lane = laneNameOf(message);
  return tracer.startSpan(
    `${verb} ${lane}`,
    {
      kind: verb === 'process' ? SpanKind.CONSUMER : SpanKind.INTERNAL,
      startTime: startedAt,
      links,
      attributes: {
        'messaging.system': 'carillon',
        'messaging.operation.name': verb,
        ...(verb === 'process' ? { 'messaging.operation.type': 'process' } : {}),
        'messaging.destination.name': lane,
        'carillon.notification.id': message.id,
        'carillon.attempt': message.attempt_count,
      },
    },
    trace.setSpanContext(ROOT_CONTEXT, parent),
  );
}

/** Runs `work` in a span: the spans it makes are children of that one. The caller ends the span. */
export function within<T>(span: Span | null, work: () => Promise<T>): Promise<T> {
  return span === null ? work() : context.with(trace.setSpan(context.active(), span), work);
}

/** Ends the span of an attempt. @param delivery what is done with the job now; undefined: the work failed. */
export function endProcess(span: Span, end: AttemptEnd | undefined, delivery: Delivery | undefined): void {
  if (end !== undefined) {
    span.setAttribute('carillon.outcome', end.kind === 'answered' ? end.outcome.class : end.kind);
    if (end.kind === 'answered') span.setAttribute('carillon.provider.account', end.account.id);
  }
  if (delivery?.now === 'settled') span.setAttribute('carillon.notification.status', delivery.state);
  else if (delivery?.now === 'waiting') span.setAttribute('carillon.retry_in_ms', Math.round(delivery.inMs));
  const error = delivery === undefined ? 'internal' : errorOf(end);
  if (error !== null) fail(span, error);
  span.end();
}

/** Makes a call of a provider in a client span. The context is not sent to the provider: it is none of its business. */
export async function spanOfCall(
  account: RegisteredAccount,
  call: () => Promise<AttemptEnd>,
): Promise<AttemptEnd> {
  if (!isTraced() || trace.getActiveSpan() === undefined) return call();
  const span = startClient(`send ${account.adapter.provider}`, account);
  try {
    const end = await call();
    const error = errorOf(end);
    if (error !== null) fail(span, error);
    return end;
  } finally {
    span.end();
  }
}

/** Begins the span of a request to a provider, as a child of the active one. */
export function startClient(name: string, { id, adapter, server }: RegisteredAccount): Span {
  return tracer.startSpan(name, {
    kind: SpanKind.CLIENT,
    attributes: {
      'carillon.provider': adapter.provider,
      'carillon.provider.account': id,
      ...(server === undefined ? {} : { 'server.address': server }),
    },
  });
}

/** @param type a code, never a text: texts may quote what was sent. */
export function fail(span: Span, type: string): void {
  span.setAttribute('error.type', type);
  span.setStatus({ code: SpanStatusCode.ERROR });
}

/** @returns the class of a refusal, or the code of what ended the attempt before its call; null: no error. */
function errorOf(end: AttemptEnd | undefined): string | null {
  if (end === undefined) return null;
  if (end.kind === 'answered') return end.outcome.class === 'accepted' ? null : end.outcome.class;
  return end.kind === 'impossible' || end.kind === 'unready' ? end.code : null;
}
