import { trace } from '@opentelemetry/api';
import { pino } from 'pino';
import { describeError, type ErrorTexts, kindOfError } from './describe-error.ts';
import { fieldRow, LOG_FIELDS, type LogFields } from './log-fields.ts';
import { type Level as CountedLevel, repeatedLines } from './repeated-lines.ts';
import { scrubId, scrubLine } from './scrub.ts';
import { writeLine } from './standard-output.ts';
import { isTraced } from './traces.ts';

/**
 * Structured log lines: a constant message for people, listed fields for machines (log-fields.ts), one JSON object a
 * line. Whatever a caller gives, a line holds nothing else, every text in it is scrubbed, and an error is described
 * without the texts of others (describe-error.ts). Warnings and errors with an `error` are counted when they repeat
 * (repeated-lines.ts); all other lines are written each time.
 */
export interface Log {
  debug(message: string, fields?: LogFields): void;
  info(message: string, fields?: LogFields): void;
  warn(message: string, fields?: LogFields): void;
  error(message: string, fields?: LogFields): void;
  /** Writes the counts of repeated lines. Call it when the program ends, before reports of errors are flushed. */
  flush(): void;
}

export type { LogFields };
export type Level = Exclude<keyof Log, 'flush'>;

/** An error line that was written. */
export interface LoggedError {
  message: string;
  error: unknown;
  fields: LogFields;
  /** How many errors the line stands for. */
  times: number;
}

export interface LogOptions {
  /** Receives each line; errors it throws are ignored: a log that cannot be written must not stop the work. */
  write?: (line: string) => unknown;
  /** Receives each line of level `error` that carries an error, after it is written. It must not throw. */
  onError?: ((logged: LoggedError) => void) | undefined;
  /** Whose messages are written; LOG_ERROR_TEXT. */
  errorTexts?: ErrorTexts;
  /** Milliseconds of a monotonic clock. */
  now?: () => number;
}

interface Line {
  level: CountedLevel;
  message: string;
  fields: LogFields;
  /** Of the span in which the error was logged: a count may be written much later. */
  span: Record<string, string>;
}

/**
 * @param service which program writes, e.g. `worker`.
 * @param least the least urgent level that is written.
 */
export function createLog(service: string, least: Level, options: LogOptions = {}): Log {
  const { write = writeLine, onError, errorTexts = 'own', now } = options;
  const logger = pino(
    {
      level: least,
      base: { service },
      messageKey: 'message',
      timestamp: () => `,"at":"${new Date().toISOString()}"`,
      formatters: { level: (level) => ({ level }) },
    },
    { write: (line) => void write(line) },
  );
  const put = (level: Level, message: string, fields: LogFields, span = activeSpan(), times = 1): void =>
    logger[level](
      { ...span, ...allowed(fields, errorTexts), ...(times > 1 ? { times } : {}) },
      scrubLine(message),
    );

  const repeated = repeatedLines<Line>(({ level, message, fields, span }, times) => {
    put(level, message, fields, span, times);
    if (level === 'error') onError?.({ message, error: fields.error, fields, times });
  }, now);
  const counted =
    (level: CountedLevel) =>
    (message: string, fields: LogFields = {}) => {
      if (!logger.isLevelEnabled(level)) return;
      if (fields.error === undefined || fields.error === null) return put(level, message, fields);
      repeated.take(kindOf(level, message, fields), { level, message, fields, span: activeSpan() });
    };
  return {
    debug: (message, fields = {}) => put('debug', message, fields),
    info: (message, fields = {}) => put('info', message, fields),
    warn: counted('warn'),
    error: counted('error'),
    flush: repeated.flush,
  };
}

/** The span in which a line is written, so that the lines of a trace can be found. */
function activeSpan(): Record<string, string> {
  const span = isTraced() ? trace.getActiveSpan()?.spanContext() : undefined;
  return span ? { trace_id: span.traceId, span_id: span.spanId } : {};
}

/** The fields as they are written: only listed ones, of the type that the list says. */
function allowed(fields: LogFields, errorTexts: ErrorTexts): Record<string, unknown> {
  const written: Record<string, unknown> = {};
  let dropped = 0;
  for (const [name, value] of Object.entries(fields)) {
    if (value === undefined || value === null) continue;
    const type = fieldRow(name)?.type;
    // A code that the caller gives wins over the one of the error.
    if (type === 'error') Object.assign(written, describeError(value, errorTexts), codeIn(fields));
    else if (type === 'number' && typeof value === 'number') written[name] = value;
    else if (type === 'flag' && typeof value === 'boolean') written[name] = value;
    else if (type === 'id' && typeof value === 'string') written[name] = scrubId(value);
    else if (type === 'text' && typeof value === 'string') written[name] = scrubLine(value);
    else if (type === 'texts' && isTexts(value)) written[name] = value.map(scrubLine);
    else dropped++;
  }
  return dropped === 0 ? written : { ...written, dropped_fields: dropped };
}

const codeIn = ({ code }: LogFields): object => (typeof code === 'string' ? { code: scrubId(code) } : {});

const isTexts = (value: unknown): value is string[] =>
  Array.isArray(value) && value.every((each) => typeof each === 'string');

const SEPARATING = Object.entries(LOG_FIELDS).flatMap(([name, row]) =>
  'separates' in row ? [name as keyof typeof LOG_FIELDS] : [],
);

/** What makes two lines equal. */
function kindOf(level: Level, message: string, fields: LogFields): string {
  const of = SEPARATING.map((name) => fields[name] ?? '');
  return [level, message, kindOfError(fields.error), fields.code ?? '', ...of].join('\n');
}
