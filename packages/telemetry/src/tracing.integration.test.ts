import { parseConfig } from '@carillon/core/program/config';
import type { LogFields } from '@carillon/core/program/log';
import { traceSettings } from '@carillon/core/program/trace-settings';
import { isTraced } from '@carillon/core/program/traces';
import { context, diag, propagation, trace } from '@opentelemetry/api';
import { afterEach, expect, test } from 'vitest';
import { z } from 'zod';
import { type OtlpReceiver, otlpReceiver } from '../../../test/support/otlp-receiver.ts';
import { until } from '../../../test/support/until.ts';
import { droppedSpans, startTracing, type Tracing } from './tracing.ts';

const schema = z.object(traceSettings());
let receiver: OtlpReceiver | null = null;
let tracing: Tracing | null = null;
let lines: string[] = [];

afterEach(async () => {
  await tracing?.stop();
  await receiver?.close();
  for (const api of [trace, context, propagation, diag]) api.disable();
  [tracing, receiver, lines] = [null, null, []];
});

async function started(env: Record<string, string> = {}): Promise<OtlpReceiver> {
  receiver = await otlpReceiver();
  const settings = parseConfig(schema, {
    OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url,
    OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json',
    OTEL_EXPORTER_OTLP_TIMEOUT: '100',
    OTEL_BSP_SCHEDULE_DELAY: '10',
    ...env,
  });
  const log = {
    info: (line: string) => void lines.push(line),
    warn: (line: string, fields?: LogFields) => void lines.push(`${line}: ${fields?.reason}`),
  };
  tracing = await startTracing({ service: 'carillon-api', settings, log });
  return receiver;
}

const make = (name: string, count = 1): void => {
  for (let n = 0; n < count; n++) trace.getTracer('test').startSpan(name).end();
};
const received = (from: OtlpReceiver, name: string) =>
  until(`the span ${name}`, () => from.spans.find((span) => span.name === name));

test('without an endpoint nothing is traced, and a span is the no-op of the API', async () => {
  tracing = await startTracing({
    service: 'carillon-api',
    settings: parseConfig(schema, {}),
    log: { info: () => {}, warn: () => {} },
  });
  expect(isTraced()).toBe(false);
  expect(trace.getTracer('test').startSpan('none').isRecording()).toBe(false);
});

test.each([{ OTEL_SDK_DISABLED: 'true' }, { OTEL_TRACES_EXPORTER: 'none' }])(
  '%j switches traces off, whatever else is set',
  async (env) => {
    const { exports } = await started(env);
    make('off');
    await tracing?.stop();
    expect([isTraced(), exports()]).toEqual([false, 0]);
  },
);

test('spans are exported with the name, attributes and headers that the settings give', async () => {
  const from = await started({
    OTEL_SERVICE_NAME: 'mine',
    OTEL_RESOURCE_ATTRIBUTES: 'deployment.environment.name=a%20b',
    OTEL_EXPORTER_OTLP_HEADERS: 'authorization=Bearer%20planted',
  });
  make('named');
  expect((await received(from, 'named')).service).toBe('mine');
  expect(from.raw.join()).toContain('a b');
  expect(from.headers[0]?.authorization).toBe('Bearer planted');
});

test('what is left is exported when the process stops', async () => {
  const from = await started({ OTEL_BSP_SCHEDULE_DELAY: '600000' });
  make('last');
  await tracing?.stop();
  expect(from.spans.map(({ name }) => name)).toEqual(['last']);
});

test('a collector that never answers does not hold up the end of the process', async () => {
  const from = await started({ OTEL_EXPORTER_OTLP_TIMEOUT: '60000', OTEL_BSP_SCHEDULE_DELAY: '600000' });
  from.behave('silent');
  make('unheard');
  await tracing?.stop();
  expect(from.spans).toEqual([]);
});

test.each([
  ['answers nonsense', 'nonsense', /its answer is not OTLP/],
  ['refuses', 'refuse', /it answered 400/],
  ['does not answer in time', 'silent', /timed out/],
] as const)('a collector that %s is logged once, and again after it has recovered', async (_, mode, why) => {
  const from = await started();
  for (let episode = 1; episode <= 2; episode++) {
    from.behave(mode);
    for (let n = 0; n < 3; n++) {
      const before = from.exports();
      make('lost');
      await until('one more export', () => from.exports() > before);
    }
    await until('it to be said', () => lines.length === 2 * episode - 1);
    from.behave('ok');
    make(`back ${episode}`);
    await received(from, `back ${episode}`);
    await until('the recovery to be said', () => lines.length === 2 * episode);
  }
  expect(lines.filter((line) => why.test(line))).toHaveLength(2);
  expect(lines.filter((line) => line === 'traces are exported again')).toHaveLength(2);
  expect(lines.join()).not.toContain('hello');
});

test('a collector that is away costs the spans beyond the queue, which are counted', async () => {
  const from = await started({ OTEL_BSP_MAX_QUEUE_SIZE: '10', OTEL_BSP_MAX_EXPORT_BATCH_SIZE: '10' });
  const before = droppedSpans();
  await from.close();
  make('too many', 1000);
  // The queue, and the batch that is being exported: nothing has failed yet, the turn of the event loop is still ours.
  expect(droppedSpans() - before).toBe(1000 - 2 * 10);
  await until('the failed batches to be counted', () => droppedSpans() - before === 1000);
  await until('it to be said', () => /cannot be exported/.test(lines[0] ?? ''));
  await from.listen();
  make('after');
  await received(from, 'after');
});

test('a batch larger than the queue is refused with the remedy', async () => {
  await expect(
    started({ OTEL_BSP_MAX_QUEUE_SIZE: '10', OTEL_BSP_MAX_EXPORT_BATCH_SIZE: '11' }),
  ).rejects.toThrow(/OTEL_BSP_MAX_EXPORT_BATCH_SIZE="11" must be at most OTEL_BSP_MAX_QUEUE_SIZE/);
});
