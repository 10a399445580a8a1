import { ConfigError } from '@carillon/core/program/config';
import type { Log } from '@carillon/core/program/log';
import type { TraceSettings } from '@carillon/core/program/trace-settings';
import { setTraced } from '@carillon/core/program/traces';
import type { RunningSdk } from './trace-sdk.ts';

/**
 * Traces of one process, exported by OTLP over HTTP. The SDK is imported only if an endpoint is set: without it all calls
 * of @opentelemetry/api are its no-ops, and `isTraced()` is false. There is no automatic instrumentation: every span is
 * made by the code it is about.
 */
export interface Tracing {
  /** Exports what is left, for SHUTDOWN_MS at most. Never rejects. */
  stop(): Promise<void>;
}

export interface TracingOptions {
  /** `service.name`, unless OTEL_SERVICE_NAME gives another. */
  service: 'carillon-api' | 'carillon-worker' | 'carillon-dashboard';
  /** The program's config. */
  settings: TraceSettings;
  /** A collector that does not take traces is logged here: once, and again after it has recovered. */
  log: Pick<Log, 'info' | 'warn'>;
}

/** A process that stops waits no longer for a collector that does not answer. */
const SHUTDOWN_MS = 2_000;

let running: RunningSdk | null = null;

/**
 * Starts the export of traces, if the settings ask for it. Call it before anything else of the program is set up.
 *
 * @throws ConfigError for settings that do not fit each other.
 */
export async function startTracing({ service, settings, log }: TracingOptions): Promise<Tracing> {
  const url = endpointOf(settings);
  if (url === null) return { stop: async () => {} };
  const { OTEL_BSP_MAX_QUEUE_SIZE: queue, OTEL_BSP_MAX_EXPORT_BATCH_SIZE: batch } = settings;
  if (batch > queue)
    throw new ConfigError([
      `OTEL_BSP_MAX_EXPORT_BATCH_SIZE="${batch}" must be at most OTEL_BSP_MAX_QUEUE_SIZE ("${queue}"), from which batches are taken. Lower it, or raise the other.`,
    ]);
  const { startSdk } = await import('./trace-sdk.ts');
  const sdk = await startSdk({ service, settings, url, log });
  running = sdk;
  setTraced(true);
  return {
    stop: async () => {
      setTraced(false);
      await sdk.stop(SHUTDOWN_MS);
    },
  };
}

/**
 * Spans of this process that were dropped because the queue was full or their export failed; for the metric
 * carillon_traces_dropped_total. 0 where traces are off.
 */
export function droppedSpans(): number {
  return running?.dropped() ?? 0;
}

/** @returns the whole URL that traces are sent to; null: there are no traces. */
function endpointOf(settings: TraceSettings): string | null {
  const {
    OTEL_EXPORTER_OTLP_ENDPOINT: base,
    OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: own,
    OTEL_SDK_DISABLED: isDisabled,
    OTEL_TRACES_EXPORTER: exporter,
  } = settings;
  if (isDisabled || exporter === 'none') return null;
  if (own !== undefined) return own;
  return base === undefined ? null : `${base.replace(/\/$/, '')}/v1/traces`;
}
