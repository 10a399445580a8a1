import { hostname } from 'node:os';
import type { Log } from '@carillon/core/program/log';
import type { TraceSettings } from '@carillon/core/program/trace-settings';
import { context, propagation, trace } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { setGlobalErrorHandler, W3CTraceContextPropagator } from '@opentelemetry/core';
import { resourceFromAttributes } from '@opentelemetry/resources';
import {
  AlwaysOffSampler,
  AlwaysOnSampler,
  BatchSpanProcessor,
  ParentBasedSampler,
  type Sampler,
  type SpanExporter,
  TraceIdRatioBasedSampler,
  TracerProvider,
} from '@opentelemetry/sdk-trace';
import { boundedQueue } from './bounded-queue.ts';
import { exportReport } from './export-report.ts';
import { linkedSampler } from './linked-sampler.ts';

/** The OpenTelemetry SDK, set up by hand from our own settings. Loaded only by tracing.ts, and only if traces are on. */
export interface RunningSdk {
  /** Spans that were dropped so far. */
  dropped(): number;
  /** @param withinMs the most it takes, in milliseconds. */
  stop(withinMs: number): Promise<void>;
}

export interface SdkOptions {
  service: string;
  settings: TraceSettings;
  /** Where spans go, with the path. */
  url: string;
  log: Pick<Log, 'info' | 'warn'>;
}

export async function startSdk({ service, settings, url, log }: SdkOptions): Promise<RunningSdk> {
  const report = exportReport(log, url);
  // The failures of exports come through the exporter as well; by this handler they would be written to the console.
  setGlobalErrorHandler(() => {});
  const exporter = await createExporter(settings, url);
  const queue = boundedQueue({
    exporter,
    maxQueued: settings.OTEL_BSP_MAX_QUEUE_SIZE,
    onExported: report.exported,
    processorOf: (counted) =>
      new BatchSpanProcessor({
        exporter: counted,
        maxQueueSize: settings.OTEL_BSP_MAX_QUEUE_SIZE,
        maxExportBatchSize: settings.OTEL_BSP_MAX_EXPORT_BATCH_SIZE,
        scheduledDelayMillis: settings.OTEL_BSP_SCHEDULE_DELAY,
        exportTimeoutMillis: settings.OTEL_BSP_EXPORT_TIMEOUT,
      }),
  });
  const provider = new TracerProvider({
    resource: resourceFromAttributes({
      'service.name': service,
      'service.instance.id': `${hostname()}:${process.pid}`,
      ...settings.OTEL_RESOURCE_ATTRIBUTES,
      ...(settings.OTEL_SERVICE_NAME === undefined ? {} : { 'service.name': settings.OTEL_SERVICE_NAME }),
    }),
    sampler: samplerOf(settings),
    spanProcessors: [queue.processor],
  });
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  propagation.setGlobalPropagator(new W3CTraceContextPropagator());
  trace.setGlobalTracerProvider(provider);
  return {
    dropped: queue.dropped,
    stop: (withinMs) => {
      let timer: NodeJS.Timeout | undefined;
      const late = new Promise<void>((resolve) => {
        timer = setTimeout(resolve, withinMs);
      });
      const ended = provider.shutdown().catch(() => {});
      return Promise.race([ended, late]).finally(() => clearTimeout(timer));
    },
  };
}

async function createExporter(settings: TraceSettings, url: string): Promise<SpanExporter> {
  const options = {
    url,
    headers: { ...settings.OTEL_EXPORTER_OTLP_HEADERS },
    timeoutMillis: settings.OTEL_EXPORTER_OTLP_TIMEOUT,
  };
  // Only one of the two is loaded.
  const { OTLPTraceExporter } =
    settings.OTEL_EXPORTER_OTLP_PROTOCOL === 'http/json'
      ? await import('@opentelemetry/exporter-trace-otlp-http')
      : await import('@opentelemetry/exporter-trace-otlp-proto');
  return new OTLPTraceExporter(options);
}

function samplerOf({
  OTEL_TRACES_SAMPLER: name,
  OTEL_TRACES_SAMPLER_ARG: share,
}: Pick<TraceSettings, 'OTEL_TRACES_SAMPLER' | 'OTEL_TRACES_SAMPLER_ARG'>): Sampler {
  switch (name) {
    case 'always_on':
      return new AlwaysOnSampler();
    case 'always_off':
      return new AlwaysOffSampler();
    case 'traceidratio':
      return linkedSampler(new TraceIdRatioBasedSampler(share));
    case 'parentbased_always_on':
      return new ParentBasedSampler({ root: new AlwaysOnSampler() });
    case 'parentbased_always_off':
      return linkedSampler(new ParentBasedSampler({ root: new AlwaysOffSampler() }));
    case 'parentbased_traceidratio':
      return linkedSampler(new ParentBasedSampler({ root: new TraceIdRatioBasedSampler(share) }));
  }
}
