/**
 * Calls back when a signal is aborted. A signal gets one listener however many calls share it: with one listener per
 * call, Node warns of a leak from the eleventh call on. `AbortSignal.any` would also work; not every runtime has it.
 *
 * @param callback called once, without arguments; at once if the signal is already aborted.
 * @returns a function that removes the callback.
 */
export function onAbort(signal: AbortSignal | undefined, callback: () => void): () => void {
  if (!signal) return () => {};
  if (signal.aborted) {
    callback();
    return () => {};
  }
  const shared = callbacksOf(signal);
  // A separate function, so that one callback may be registered twice.
  const entry = (): void => callback();
  shared.add(entry);
  return () => shared.delete(entry);
}

const registered = new WeakMap<AbortSignal, Set<() => void>>();

function callbacksOf(signal: AbortSignal): Set<() => void> {
  const known = registered.get(signal);
  if (known) return known;
  const callbacks = new Set<() => void>();
  registered.set(signal, callbacks);
  signal.addEventListener(
    'abort',
    () => {
      for (const callback of callbacks) callback();
      callbacks.clear();
    },
    { once: true },
  );
  return callbacks;
}
