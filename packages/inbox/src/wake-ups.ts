/** Signs that the network or the person is back. Where there is no window (tests in Node), there are none. */
const target: Partial<Window> & { document?: Document } = globalThis as never;

/**
 * Calls back when the machine goes offline (true), or is online or looked at again (false).
 *
 * @returns ends it.
 */
export function wakeUps(tell: (isOffline: boolean) => void): () => void {
  const offline = () => tell(true);
  const back = () => {
    if (target.document?.visibilityState !== 'hidden') tell(false);
  };
  target.addEventListener?.('offline', offline);
  target.addEventListener?.('online', back);
  target.document?.addEventListener('visibilitychange', back);
  return () => {
    target.removeEventListener?.('offline', offline);
    target.removeEventListener?.('online', back);
    target.document?.removeEventListener('visibilitychange', back);
  };
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
