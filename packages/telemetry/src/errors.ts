import { bareError, describeError } from '@carillon/core/program/describe-error';
import { explainFailure } from '@carillon/core/program/explain-failure';
import { createLog, type Log, type LogFields, type LoggedError } from '@carillon/core/program/log';
import { isSpanContextValid, trace } from '@opentelemetry/api';
import type { NodeOptions } from '@sentry/node';
import { errorTransport } from './error-transport.ts';
import { scrubEvent } from './scrub-event.ts';

/** Longer than a report takes, shorter than the time that a stopping program has. */
const FLUSH_MS = 2_000;
/** Fields of a log line that are sent with its error; all others stay in the log. */
const SENT_FIELDS = ['notification_id', 'request_id', 'route', 'account', 'lane', 'work'] as const;

export interface ErrorReports {
  /** For `createLog`: reports the error of a line. Undefined when nothing is reported. */
  onError?: (logged: LoggedError) => void;
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
 * Reports unexpected errors of this process to a receiver that speaks the protocol of Sentry: the errors in lines of the
 * log, at its pace, with the counts of repeated ones. A report holds of an error what the log holds (describe-error.ts
 * of core). Without a DSN nothing is loaded and nothing done. https://develop.sentry.dev/sdk/foundations/transport/envelopes/
 *
 * @param service which program reports: `api`, `worker` or `dashboard`.
 * @param isExpected errors that pass by themselves, besides those that `explainFailure` knows.
 * @param log receives one line when the receiver fails, and one when it answers again.
 */
export async function reportErrors(
  service: string,
  settings: ErrorReportSettings,
  isExpected: (error: unknown) => boolean = () => false,
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

  const report = ({ message, error, fields, times }: LoggedError): void => {
    const span = trace.getActiveSpan()?.spanContext();
    const bare = bareError(error);
    const { code } = describeError(error);
    sentry.captureException(bare, {
      tags: code === undefined ? {} : { code },
      extra: { line: message, times, ...sentFields(fields) },
      contexts:
        span && isSpanContextValid(span) ? { trace: { trace_id: span.traceId, span_id: span.spanId } } : {},
    });
  };

  // The monitor sees an error before the program ends of it; the line that the program logs then is the report.
  process.on('uncaughtExceptionMonitor', () => (isEnding = true));
  return {
    onError(logged) {
      if (!isEnding && (isKnownOutage(logged.error) || isExpected(logged.error))) return;
      report(logged);
    },
    async flush() {
      await sentry.flush(FLUSH_MS);
    },
  };
}

/** Errors that an operator can fix have a sentence of their own in the log, and an alert where it matters. */
function isKnownOutage(error: unknown): boolean {
  return explainFailure(error, { what: '' }) !== null;
}

function sentFields(fields: LogFields): Record<string, unknown> {
  return Object.fromEntries(
    SENT_FIELDS.flatMap((name) => (typeof fields[name] === 'string' ? [[name, fields[name]]] : [])),
  );
}
