import { createLog, type Log } from '@carillon/core/program/log';
import { isSpanContextValid, trace } from '@opentelemetry/api';
import type { NodeOptions } from '@sentry/node';
import { errorKey, errorOfFields, isKnownOutage } from './error-fields.ts';
import { errorRate } from './error-rate.ts';
import { errorTransport } from './error-transport.ts';
import { scrubEvent } from './scrub-event.ts';

/** Longer than a report takes, shorter than the time that a stopping program has. */
const FLUSH_MS = 2_000;
/** Fields of a log line that are sent with its error; all others stay in the log. */
const SENT_FIELDS = ['request_id', 'id', 'account'] as const;

export interface ErrorReports {
  /** For `createLog`: reports the error of a line. Undefined when nothing is reported. */
  onError?: Log['error'];
  /** Waits at most two seconds until what was reported is sent. */
  flush(): Promise<void>;
}

export interface ErrorReportSettings {
  SENTRY_DSN?: string | undefined;
  SENTRY_ENVIRONMENT?: string | undefined;
  SENTRY_RELEASE?: string | undefined;
  NODE_ENV: string;
}

/**
 * Reports unexpected errors of this process to a receiver that speaks the protocol of Sentry: uncaught exceptions and
 * unhandled rejections, which end the process as they do without it, and errors in lines of the log. Without a DSN
 * nothing is loaded and nothing done. https://develop.sentry.dev/sdk/foundations/transport/envelopes/
 *
 * @param service which program reports: `api`, `worker` or `dashboard`.
 * @param isExpected errors that pass by themselves, besides those that `explainFailure` knows.
 * @param log receives one line when the receiver fails, and one when it answers again.
 */
export async function reportErrors(
  service: string,
  settings: ErrorReportSettings,
  isExpected: (error: Error) => boolean = () => false,
  log: Pick<Log, 'info' | 'warn'> = createLog(service, 'info'),
): Promise<ErrorReports> {
  if (settings.SENTRY_DSN === undefined) return { flush: async () => {} };
  const sentry = await import('@sentry/node');
  let isEnding = false;
  const options = {
    dsn: settings.SENTRY_DSN,
    environment: settings.SENTRY_ENVIRONMENT ?? settings.NODE_ENV,
    // An empty text: undefined would make the SDK look for one in variables of build services.
    release: settings.SENTRY_RELEASE ?? '',
    // No dedupe: it would drop the report after a quiet minute. No handlers of its own: they change how a process ends.
    defaultIntegrations: false,
    integrations: [sentry.linkedErrorsIntegration()],
    enableOpenTelemetrySetup: false,
    enableRuntimeChannelInjection: false,
    includeServerName: false,
    sendClientReports: false,
    // Version 11 has no sendDefaultPii and collects by default. No integration here collects any of this.
    dataCollection: {
      userInfo: false,
      cookies: false,
      httpHeaders: false,
      httpBodies: [],
      urlQueryParams: false,
      databaseQueryData: false,
      queues: false,
      frameContextLines: 0,
      stackFrameVariables: false,
    },
    spotlight: false,
    debug: false,
    maxBreadcrumbs: 0,
    initialScope: { tags: { service: `carillon-${service}` } },
    transport: errorTransport(sentry.createTransport, log, () => isEnding),
    beforeSend: scrubEvent,
  } satisfies NodeOptions;
  sentry.init(options);

  const report = (error: Error, line: string, times: number, fields: Record<string, unknown> = {}) => {
    const span = trace.getActiveSpan()?.spanContext();
    const { code } = error as { code?: unknown };
    sentry.captureException(error, {
      tags: code === undefined ? {} : { code: String(code) },
      extra: { line, times, ...fields },
      contexts:
        span && isSpanContextValid(span) ? { trace: { trace_id: span.traceId, span_id: span.spanId } } : {},
    });
  };

  // The monitor sees an error before Node ends the process of it, and changes nothing about that.
  process.on('uncaughtExceptionMonitor', (thrown, origin) => {
    isEnding = true;
    report(thrown instanceof Error ? thrown : new Error(String(thrown)), origin, 1);
  });
  const rate = errorRate();
  return {
    onError(line, fields) {
      const error = errorOfFields(fields);
      if (error === null || isKnownOutage(error) || isExpected(error)) return;
      const times = rate(errorKey(error));
      if (times > 0) report(error, line, times, sentFields(fields));
    },
    async flush() {
      await sentry.flush(FLUSH_MS);
    },
  };
}

function sentFields(fields: Readonly<Record<string, unknown>> = {}): Record<string, unknown> {
  return Object.fromEntries(
    SENT_FIELDS.flatMap((name) => (typeof fields[name] === 'string' ? [[name, fields[name]]] : [])),
  );
}
