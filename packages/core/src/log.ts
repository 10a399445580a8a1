/** Structured log lines on stdout: a message for people, fields for machines. One JSON object per line. */
export interface Log {
  debug(message: string, fields?: Record<string, unknown>): void;
  info(message: string, fields?: Record<string, unknown>): void;
  warn(message: string, fields?: Record<string, unknown>): void;
  error(message: string, fields?: Record<string, unknown>): void;
}

const LEVELS = ['debug', 'info', 'warn', 'error'] as const;
type Level = (typeof LEVELS)[number];

export function createLog(
  service: string,
  least: Level,
  write = (line: string) => process.stdout.write(line),
): Log {
  const at = (level: Level) => (message: string, fields?: Record<string, unknown>) => {
    if (LEVELS.indexOf(level) < LEVELS.indexOf(least)) return;
    write(`${JSON.stringify({ at: new Date().toISOString(), level, service, message, ...fields })}\n`);
  };
  return { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') };
}

/** An error as log fields. Query parameters hold people's addresses, so only the driver's own words are kept. */
export function errorFields(error: unknown): Record<string, unknown> {
  let root = error;
  while (root instanceof Error && root.cause !== undefined) root = root.cause;
  if (!(root instanceof Error)) return { error: String(root) };
  return { error: root.message, code: (root as { code?: unknown }).code, stack: root.stack };
}
