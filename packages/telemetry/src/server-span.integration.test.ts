import { parseConfig } from '@carillon/core/program/config';
import { traceSettings } from '@carillon/core/program/trace-settings';
import { SpanKind, trace } from '@opentelemetry/api';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { type OtlpReceiver, otlpReceiver } from '../../../test/support/otlp-receiver.ts';
import { until } from '../../../test/support/until.ts';
import { startServerSpan } from './server-span.ts';
import { startTracing, type Tracing } from './tracing.ts';

/** Which requests are traced, with a ratio of 0. */
let from: OtlpReceiver;
let tracing: Tracing;

beforeAll(async () => {
  from = await otlpReceiver();
  const settings = parseConfig(z.object(traceSettings()), {
    OTEL_EXPORTER_OTLP_ENDPOINT: from.url,
    OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json',
    OTEL_BSP_SCHEDULE_DELAY: '10',
    OTEL_TRACES_SAMPLER: 'parentbased_traceidratio',
    OTEL_TRACES_SAMPLER_ARG: '0',
  });
  tracing = await startTracing({
    service: 'carillon-api',
    settings,
    log: { info: () => {}, warn: () => {} },
  });
});
afterAll(async () => {
  await tracing.stop();
  await from.close();
});

const received = (name: string) =>
  until(`the span ${name}`, () => from.spans.find((span) => span.name === name));

test('a request is traced only if its traceparent says so, and so is what links to it', async () => {
  const traceId = '4bf92f3577b34da6a3ce929d0e0e4736';
  const headers: Record<string, string> = { traceparent: `00-${traceId}-00f067aa0ba902b7-01` };
  startServerSpan('POST', '/a', () => undefined)?.end('/untraced', 200);
  startServerSpan('POST', '/b', (name) => headers[name])?.end('/traced', 200);
  const context = { traceId, spanId: '00f067aa0ba902b7', traceFlags: 1 };
  trace
    .getTracer('test')
    .startSpan('publish', { kind: SpanKind.PRODUCER, links: [{ context }] })
    .end();
  expect(await received('POST /traced')).toMatchObject({
    traceId,
    parentSpanId: '00f067aa0ba902b7',
    kind: 2,
    attributes: { 'http.request.method': 'POST', 'http.route': '/traced' },
  });
  expect((await received('publish')).links).toEqual([{ traceId, spanId: '00f067aa0ba902b7' }]);
  expect(from.spans).toHaveLength(2);
});

test('probes and scrapers make no spans', () => {
  for (const path of ['/healthz', '/readyz', '/metrics'])
    expect(startServerSpan('GET', path, () => undefined)).toBeNull();
});
