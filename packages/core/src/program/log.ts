import { trace } from '@opentelemetry/api';
import { pino } from 'pino';
import { scrub } from './scrub.ts';
import { isTraced } from './traces.ts';

/**
 * Standard output whose errors never end the process. A full disk under the log (ENOSPC), a reader that went away
 * (EPIPE) or a terminal that is gone (EIO) make a stream throw or emit `error`, and an unhandled `error` event ends a
 * process. Lines that cannot be written are dropped and counted; the first line that can be written again reports the
 * count.
 */
let isGuarded = false;
let lost = 0;

/** Makes both standard streams of this process survive failed writes. Idempotent. */
export function surviveOutputErrors(): void {
  if (isGuarded) return;
  isGuarded = true;
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => lost++);
}

/**
 * Writes one line, with its line feed, to standard output. Never throws.
 *
 * @returns false if the stream asks for a pause, as `stream.write` does.
 */
export function writeLine(line: string): boolean {
  surviveOutputErrors();
  const before = lost;
  try {
    if (before === 0) return process.stdout.write(line);
    return process.stdout.write(lostNote(before) + line, (error) => {
      if (!error) lost -= before;
    });
  } catch {
    lost++;
    return false;
  }
}

function lostNote(count: number): string {
  const at = new Date().toISOString();
  return `${JSON.stringify({ at, level: 'warn', message: 'log lines were lost: they could not be written', count })}\n`;
}

/** Structured log lines on stdout: a message for people, fields for machines. One JSON object per line. */
export interface Log {
  debug(message: string, fields?: Record<string, unknown>): void;
  info(message: string, fields?: Record<string, unknown>): void;
  warn(message: string, fields?: Record<string, unknown>): void;
  error(message: string, fields?: Record<string, unknown>): void;
}

type Level = keyof Log;

/**
 * @param service which program writes, e.g. `worker`.
 * @param least the least urgent level that is written.
 * @param write receives each line; errors it throws are ignored: a log that cannot be written must not stop the work.
 * @param onError receives what `error` is called with, after the line is written. It must not throw.
 */
export function createLog(
  service: string,
  least: Level,
  write: (line: string) => unknown = writeLine,
  onError?: Log['error'],
): Log {
  const logger = pino(
    {
      level: least,
      base: { service },
      messageKey: 'message',
      timestamp: () => `,"at":"${new Date().toISOString()}"`,
      formatters: { level: (level) => ({ level }) },
      mixin: activeSpan,
    },
    { write: (line) => void write(line) },
  );
  const at = (level: Level) => (message: string, fields?: Record<string, unknown>) =>
    logger[level](fields, message);
  const error = at('error');
  return {
    debug: at('debug'),
    info: at('info'),
    warn: at('warn'),
    error: onError
      ? (message, fields) => {
          error(message, fields);
          onError(message, fields);
        }
      : error,
  };
}

/** The span in which a line is written, so that the lines of a trace can be found. */
function activeSpan(): { trace_id?: string; span_id?: string } {
  const span = isTraced() ? trace.getActiveSpan()?.spanContext() : undefined;
  return span ? { trace_id: span.traceId, span_id: span.spanId } : {};
}

/**
 * An error as log fields. Query parameters hold people's addresses, so only the driver's own message is kept; addresses,
 * tokens and quoted values in it are replaced (scrub.ts).
 */
export function errorFields(error: unknown): Record<string, unknown> {
  let root = error;
  while (root instanceof Error && root.cause !== undefined) root = root.cause;
  if (!(root instanceof Error)) return { error: scrub(String(root)) };
  const { message, stack } = root;
  return {
    error: scrub(message),
    code: (root as { code?: unknown }).code,
    stack: stack === undefined ? stack : scrub(stack),
  };
}
