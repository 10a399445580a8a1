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
