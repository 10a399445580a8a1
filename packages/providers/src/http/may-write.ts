/**
 * The check before the first byte of a call. True: write it now, in this turn of the event loop. False: never; the
 * lease has expired meanwhile (the process was stopped, or waited long for a socket), so another process may already be
 * settling this attempt, or the person no longer wants the message. A promise: the facts about the person's wishes are
 * too old and are being read; check again when it has resolved. It never rejects.
 */
export type MayWrite = () => boolean | Promise<void>;

/**
 * For adapters that can wait on an open connection. After a yes the caller writes at once, without another wait.
 *
 * @param signal ends the wait: false, then.
 */
export async function mayWriteNow(mayWrite: MayWrite | undefined, signal: AbortSignal): Promise<boolean> {
  if (!mayWrite) return true;
  for (;;) {
    const answer = mayWrite();
    if (typeof answer === 'boolean') return answer;
    await orAborted(answer, signal);
    if (signal.aborted) return false;
  }
}

/** Resolves when the wait is over, or as soon as the signal fires. */
export async function orAborted(waiting: Promise<void>, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return;
  let onAbort = (): void => {};
  const aborted = new Promise<void>((resolve) => {
    onAbort = resolve;
    signal.addEventListener('abort', onAbort, { once: true });
  });
  try {
    await Promise.race([waiting, aborted]);
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
}
