import type { StoredSpan, StoredTrace } from './trace-store.ts';

/** A span in its place: under its parent, with times relative to the trace. */
export interface TreeRow {
  span: StoredSpan;
  /** 0 for a span without a parent in the trace. */
  depth: number;
  /** Milliseconds after the beginning of the trace. */
  afterMs: number;
  /** Milliseconds. */
  tookMs: number;
}

/** The spans of a trace as a tree, each row before its children, siblings by their start. */
export function treeOf({ spans }: StoredTrace): TreeRow[] {
  const known = new Set(spans.map(({ spanId }) => spanId));
  const children = new Map<string, StoredSpan[]>();
  for (const span of spans) {
    // A parent in another process may not have arrived, or began outside.
    const parent = known.has(span.parentSpanId) ? span.parentSpanId : '';
    children.set(parent, [...(children.get(parent) ?? []), span]);
  }
  const first = beginOf(spans);
  const below = (parent: string, depth: number): TreeRow[] =>
    (children.get(parent) ?? [])
      .toSorted((a, b) => Number(a.start - b.start))
      .flatMap((span) => [
        { span, depth, afterMs: millis(span.start - first), tookMs: millis(span.end - span.start) },
        ...below(span.spanId, depth + 1),
      ]);
  return below('', 0);
}

/** From the first start to the last end, in milliseconds. */
export function durationOf({ spans }: StoredTrace): number {
  const last = spans.reduce((end, span) => (span.end > end ? span.end : end), 0n);
  return millis(last - beginOf(spans));
}

/** When the trace began, in Unix nanoseconds. */
export function beginOf(spans: readonly StoredSpan[]): bigint {
  return spans.reduce((begin, { start }) => (start < begin ? start : begin), spans[0]!.start);
}

const millis = (nanos: bigint): number => Number(nanos) / 1e6;
