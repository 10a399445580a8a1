import type { Log } from '@carillon/core/program/log';
import { shownUrl } from '@carillon/core/program/shown-url';
import { type DiagLogger, DiagLogLevel, diag } from '@opentelemetry/api';

/**
 * Says once that traces cannot be exported, and once that they can be again, however many exports fail meanwhile. Takes
 * what the SDK itself reports, through its diagnostic logger: an answer that is no OTLP counts as trouble although the
 * status was 200. Answers are not quoted.
 */
export interface ExportReport {
  /** An export ended. @param failure why it failed; null if the collector has it. */
  exported(failure: Error | null): void;
}

const REMEDY =
  'Messages are not affected; spans are dropped and counted (carillon_traces_dropped_total). Check OTEL_EXPORTER_OTLP_ENDPOINT and the collector.';

/** Complaints about anything else, each logged once. */
const MAX_OTHERS = 20;

export function exportReport(log: Pick<Log, 'info' | 'warn'>, url: string): ExportReport {
  let isInTrouble = false;
  /** The SDK complained while it exported what ends now. */
  let complained = false;

  const trouble = (why: string): void => {
    if (isInTrouble) return;
    isInTrouble = true;
    log.warn('traces cannot be exported', { url: shownUrl(url), reason: `${why}. ${REMEDY}` });
  };
  const others = new Set<string>();
  /** The first argument may be the name of the component that speaks. */
  const complain = (...args: unknown[]): void => {
    const message = args.find((each) => typeof each === 'string' && each.includes(' ')) as string | undefined;
    if (message === undefined) return;
    if (/export|response/i.test(message)) {
      complained = true;
      trouble(sentenceOf(message));
    } else if (!others.has(message) && others.size < MAX_OTHERS) {
      others.add(message);
      log.warn('OpenTelemetry has a complaint', { reason: sentenceOf(message) });
    }
  };
  const nothing = (): void => {};
  const logger: DiagLogger = {
    error: complain,
    warn: complain,
    info: nothing,
    debug: nothing,
    verbose: nothing,
  };
  diag.setLogger(logger, { logLevel: DiagLogLevel.WARN, suppressOverrideMessage: true });

  return {
    exported(failure) {
      if (failure) trouble(reasonOf(failure));
      else if (isInTrouble && !complained) {
        isInTrouble = false;
        log.info('traces are exported again');
      }
      complained = false;
    },
  };
}

/** The status or the code of the socket's error; the answer's text may be anything. */
function reasonOf(failure: Error): string {
  const { code } = failure as { code?: unknown };
  if (typeof code === 'number') return `it answered ${code}`;
  if (typeof code === 'string') return code;
  return sentenceOf(failure.message);
}

const sentenceOf = (message: string): string =>
  /deserialize|failed to parse/i.test(message)
    ? 'its answer is not OTLP'
    : (message.split('\n', 1)[0] ?? '').slice(0, 200).replace(/[.?!]+$/, '');
