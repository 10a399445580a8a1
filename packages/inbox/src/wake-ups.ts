/** Signs that the network or the person is back. Where there is no window (tests in Node), there are none. */
const target: Partial<Window> & { document?: Document } = globalThis as never;

/**
 * Calls back when the machine goes offline (true), or is online or looked at again (false).
 *
 * @returns ends it.
 */
export function wakeUps(tell: (isOffline: boolean) => void): () => void {
  const end = new AbortController();
  const back = () => {
    if (target.document?.visibilityState !== 'hidden') tell(false);
  };
  const { signal } = end;
  target.addEventListener?.('offline', () => tell(true), { signal });
  for (const name of ['online', 'visibilitychange']) target.addEventListener?.(name, back, { signal });
  return () => end.abort();
}

const FIRST_PAUSE_MS = 1_000;
const LONGEST_PAUSE_MS = 30_000;

/**
 * Waits before another attempt, longer after each failure and not as long as the next client; or until it is worth while
 * earlier, or until a signal aborts.
 */
export function pauseAfter(
  failures: number,
  signals: AbortSignal[],
  firstMs = FIRST_PAUSE_MS,
): Promise<void> {
  return new Promise((resolve) => {
    const end = () => {
      clearTimeout(timer);
      forget();
      resolve();
    };
    const longest = Math.min(LONGEST_PAUSE_MS, firstMs * 2 ** failures);
    const timer = setTimeout(end, longest * (0.5 + Math.random() / 2));
    const forget = wakeUps((isOffline) => isOffline || end());
    for (const signal of signals) signal.addEventListener('abort', end, { once: true });
  });
}
