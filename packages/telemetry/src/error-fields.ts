import { explainFailure } from '@carillon/core/program/explain-failure';

/**
 * The error behind a line of the log: `errorFields` of core wrote its text, its code and its stack trace into the
 * fields.
 *
 * @returns null for a line without an error.
 */
export function errorOfFields(fields: Readonly<Record<string, unknown>> = {}): Error | null {
  const { error: message, code, stack } = fields;
  if (typeof message !== 'string') return null;
  const error = new Error(message);
  if (typeof stack === 'string') {
    error.stack = stack;
    error.name = /^([\w$]+)(?: \[[^\]\n]*\])?(?::|\n|$)/.exec(stack)?.[1] ?? 'Error';
  } else {
    // Where this object was made says nothing.
    error.stack = `Error: ${message}`;
  }
  return code === undefined || code === '' ? error : Object.assign(error, { code });
}

/** Errors that an operator can fix have a sentence of their own in the log, and an alert where it matters. */
export function isKnownOutage(error: unknown): boolean {
  return explainFailure(error, { what: '' }) !== null;
}

/** Errors of one key are taken for the same: name, code and the first frame of the stack trace. */
export function errorKey(error: Error): string {
  const frame = /^\s+at .*$/m.exec(error.stack ?? '')?.[0].trim() ?? error.message.slice(0, 200);
  return `${error.name} ${String((error as { code?: unknown }).code ?? '')} ${frame}`;
}
