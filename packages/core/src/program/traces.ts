/**
 * Whether this process exports traces, and the text form in which the context of a span is stored and sent: the
 * `traceparent` of https://www.w3.org/TR/trace-context/#traceparent-header.
 */
let exported = false;

/**
 * Whether this process exports traces. Where it does not, code makes no spans and builds no attributes: the check is
 * all that tracing costs.
 */
export function isTraced(): boolean {
  return exported;
}

/** Called by packages/telemetry when the export of traces starts or ends. */
export function setTraced(on: boolean): void {
  exported = on;
}

/** The context of a span, as @opentelemetry/api has it. */
export interface TraceContext {
  /** 32 hex digits, not all 0. */
  traceId: string;
  /** 16 hex digits, not all 0. */
  spanId: string;
  /** Bit 0: the span is sampled. */
  traceFlags: number;
}

/** Newer versions may be longer, but no process of this release writes or stores them. */
const TRACEPARENT = /^00-(?!0{32})([0-9a-f]{32})-(?!0{16})([0-9a-f]{16})-([0-9a-f]{2})$/;

/** @returns the context that a `traceparent` names; null if it is not well-formed, or null itself. */
export function parseTraceparent(text: unknown): (TraceContext & { isRemote: true }) | null {
  if (typeof text !== 'string') return null;
  const [, traceId, spanId, flags] = TRACEPARENT.exec(text) ?? [];
  if (!traceId || !spanId || !flags) return null;
  return { traceId, spanId, traceFlags: Number.parseInt(flags, 16) & 1, isRemote: true };
}

/** @returns the `traceparent` of a sampled span; undefined for any other, which nothing should refer to. */
export function traceparentOf({ traceId, spanId, traceFlags }: TraceContext): string | undefined {
  return (traceFlags & 1) === 1 ? `00-${traceId}-${spanId}-01` : undefined;
}
