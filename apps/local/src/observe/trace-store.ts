/** One span of an OTLP export, as the viewer shows it. Times in Unix nanoseconds. */
export interface StoredSpan {
  service: string;
  traceId: string;
  spanId: string;
  /** Empty: it begins its trace. */
  parentSpanId: string;
  name: string;
  kind: string;
  start: bigint;
  end: bigint;
  attributes: Readonly<Record<string, string>>;
  /** Ids of the traces it links to, without its own. */
  linkedTraces: readonly string[];
  failed: boolean;
}

export interface StoredTrace {
  id: string;
  /** In the order of their arrival. */
  spans: StoredSpan[];
}

/** Traces in memory, up to a bound: the oldest ones leave. */
export interface TraceStore {
  /**
   * @param body an OTLP/HTTP request in JSON (`ExportTraceServiceRequest`, opentelemetry.io/docs/specs/otlp)
   * @returns the number of spans taken
   * @throws SyntaxError or TypeError if it is none
   */
  add(body: string): number;
  /** Newest first. @param text only traces that have it as an id, a name or the value of an attribute */
  list(text?: string): StoredTrace[];
  get(id: string): StoredTrace | null;
}

/** @param maxTraces traces kept; of one trace at most as many spans. */
export function traceStore(maxTraces = 1000): TraceStore {
  const traces = new Map<string, StoredTrace>();
  const keep = (span: StoredSpan): void => {
    const trace = traces.get(span.traceId) ?? { id: span.traceId, spans: [] };
    // A trace that still grows is the newest.
    traces.delete(span.traceId);
    traces.set(span.traceId, trace);
    if (trace.spans.length < maxTraces) trace.spans.push(span);
    if (traces.size > maxTraces) traces.delete(traces.keys().next().value!);
  };
  return {
    add(body) {
      const spans = spansOf(JSON.parse(body) as ExportRequest);
      spans.forEach(keep);
      return spans.length;
    },
    list(text = '') {
      const newestFirst = [...traces.values()].reverse();
      return text === ''
        ? newestFirst
        : newestFirst.filter((trace) => trace.spans.some((span) => has(span, text)));
    },
    get: (id) => traces.get(id) ?? null,
  };
}

const has = ({ traceId, name, attributes }: StoredSpan, text: string): boolean =>
  traceId === text || name.includes(text) || Object.values(attributes).some((value) => value.includes(text));

interface ExportRequest {
  resourceSpans: { resource?: { attributes?: Attribute[] }; scopeSpans: { spans: OtlpSpan[] }[] }[];
}
interface OtlpSpan {
  traceId: string;
  spanId: string;
  parentSpanId?: string;
  name: string;
  kind?: number;
  startTimeUnixNano: string;
  endTimeUnixNano: string;
  attributes?: Attribute[];
  links?: { traceId: string }[];
  status?: { code?: number };
}
interface Attribute {
  key: string;
  value: Record<string, unknown>;
}

/** By number, as OTLP has them. */
const KINDS = ['', 'internal', 'server', 'client', 'producer', 'consumer'];
const STATUS_ERROR = 2;

function spansOf({ resourceSpans }: ExportRequest): StoredSpan[] {
  return resourceSpans.flatMap(({ resource, scopeSpans }) => {
    const service = valuesOf(resource?.attributes)['service.name'] ?? 'unknown';
    return scopeSpans.flatMap(({ spans }) => spans.map((span) => stored(span, service)));
  });
}

function stored(span: OtlpSpan, service: string): StoredSpan {
  const { traceId, spanId, parentSpanId = '', name, kind = 0, attributes, links = [], status } = span;
  return {
    service,
    traceId,
    spanId,
    parentSpanId,
    name,
    kind: KINDS[kind] ?? '',
    start: BigInt(span.startTimeUnixNano),
    end: BigInt(span.endTimeUnixNano),
    attributes: valuesOf(attributes),
    linkedTraces: [...new Set(links.map((link) => link.traceId))].filter((id) => id !== traceId),
    failed: status?.code === STATUS_ERROR,
  };
}

/** `{ key, value: { stringValue } }` and its kind, as text. */
function valuesOf(attributes: readonly Attribute[] = []): Record<string, string> {
  return Object.fromEntries(
    attributes.map(({ key, value }) => {
      const [inner] = Object.values(value);
      return [key, typeof inner === 'object' ? JSON.stringify(inner) : String(inner)];
    }),
  );
}
