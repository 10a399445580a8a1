import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** One exported span, as far as tests look at it. */
export interface ReceivedSpan {
  service: string;
  name: string;
  traceId: string;
  spanId: string;
  /** Empty: it begins its trace. */
  parentSpanId: string;
  /** As in OTLP: 1 internal, 2 server, 3 client, 4 producer, 5 consumer. */
  kind: number;
  attributes: Record<string, unknown>;
  links: { traceId: string; spanId: string }[];
  isError: boolean;
}

/** What a collector does with an export. `silent` takes the request and never answers. */
export type ReceiverMode = 'ok' | 'refuse' | 'nonsense' | 'silent';

/** A collector that takes traces by OTLP/HTTP in JSON, and keeps them. */
export interface OtlpReceiver {
  /** For OTEL_EXPORTER_OTLP_ENDPOINT. */
  url: string;
  spans: ReceivedSpan[];
  /** The bodies as they came. */
  raw: string[];
  /** The headers of every export. */
  headers: NodeJS.Dict<string | string[]>[];
  /** Exports so far, whatever became of them. */
  exports(): number;
  behave(mode: ReceiverMode): void;
  /** Stops listening; `listen` opens the same port again. */
  close(): Promise<void>;
  listen(): Promise<void>;
}

export async function otlpReceiver(): Promise<OtlpReceiver> {
  let mode: ReceiverMode = 'ok';
  let count = 0;
  let port = 0;
  const spans: ReceivedSpan[] = [];
  const raw: string[] = [];
  const headers: OtlpReceiver['headers'] = [];
  const answer = (response: ServerResponse, body: string): void => {
    if (mode === 'silent') return;
    if (mode === 'refuse') return void response.writeHead(400).end('no');
    if (mode === 'nonsense') return void response.writeHead(200).end('<html>hello</html>');
    raw.push(body);
    spans.push(...spansOf(body));
    response.writeHead(200, { 'content-type': 'application/json' }).end('{}');
  };
  let server: Server | null = null;
  const listen = async (): Promise<void> => {
    server = createServer(async (request, response) => {
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk as Buffer);
      count++;
      headers.push(request.headers);
      answer(response, Buffer.concat(chunks).toString());
    });
    const opened = server;
    await new Promise<void>((resolve) => opened.listen(port, '127.0.0.1', resolve));
    ({ port } = opened.address() as AddressInfo);
  };
  await listen();
  return {
    url: `http://127.0.0.1:${port}`,
    spans,
    raw,
    headers,
    exports: () => count,
    behave: (next) => {
      mode = next;
    },
    listen,
    async close() {
      const open = server;
      server = null;
      open?.closeAllConnections();
      await new Promise<void>((resolve) => (open ? open.close(() => resolve()) : resolve()));
    },
  };
}

interface OtlpValue {
  stringValue?: string;
  intValue?: number | string;
  doubleValue?: number;
  boolValue?: boolean;
}
interface OtlpAttribute {
  key: string;
  value: OtlpValue;
}

interface OtlpTraces {
  resourceSpans: {
    resource: { attributes: OtlpAttribute[] };
    scopeSpans: {
      spans: (Omit<ReceivedSpan, 'service' | 'attributes' | 'isError'> & {
        attributes?: OtlpAttribute[];
        status?: { code?: number };
      })[];
    }[];
  }[];
}

function spansOf(body: string): ReceivedSpan[] {
  const { resourceSpans } = JSON.parse(body) as OtlpTraces;
  return resourceSpans.flatMap(({ resource, scopeSpans }) => {
    const service = String(attributesOf(resource.attributes)['service.name']);
    return scopeSpans.flatMap((scope) =>
      scope.spans.map(({ attributes = [], links = [], parentSpanId = '', status, ...span }) => ({
        ...span,
        service,
        parentSpanId,
        attributes: attributesOf(attributes),
        links: links.map(({ traceId, spanId }) => ({ traceId, spanId })),
        isError: status?.code === 2,
      })),
    );
  });
}

const attributesOf = (attributes: readonly OtlpAttribute[]): Record<string, unknown> =>
  Object.fromEntries(
    attributes.map(({ key, value }) => [
      key,
      value.stringValue ?? value.intValue ?? value.doubleValue ?? value.boolValue,
    ]),
  );
